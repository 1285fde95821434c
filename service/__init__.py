"""The shell around every process: settings, log, metrics, probes, project file. Knows no stage and no route."""
