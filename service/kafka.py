"""librdkafka's connection settings, from ours."""

from __future__ import annotations

from service.environment import ClusterSettings


def connection(cluster: ClusterSettings) -> dict[str, str]:
    """What every producer, consumer and admin client starts from."""
    config = {
        "bootstrap.servers": cluster.brokers,
        "security.protocol": cluster.kafka_security_protocol,
        # A broker that comes back should be found within a second, not after the default ten.
        "reconnect.backoff.max.ms": "1000",
    }
    if cluster.kafka_sasl_mechanism:
        config["sasl.mechanism"] = cluster.kafka_sasl_mechanism
        config["sasl.username"] = cluster.kafka_sasl_username
        config["sasl.password"] = cluster.kafka_sasl_password.get_secret_value()
    if cluster.kafka_ca_file:
        config["ssl.ca.location"] = cluster.kafka_ca_file
    return config
