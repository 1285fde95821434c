"""Attributes of SVG that draw: SVG 2, attribute and property index, but for `title`-like words."""

from __future__ import annotations

_DRAWING = """
    accent-height alignment-baseline alphabetic amplitude arabic-form ascent attributename attributetype azimuth
    basefrequency baseline-shift baseprofile bbox begin bias by calcmode cap-height clip clip-path clip-rule
    clippathunits color color-interpolation color-interpolation-filters color-profile color-rendering contentscripttype
    contentstyletype crossorigin cursor cx cy d descent diffuseconstant direction display divisor dominant-baseline dur
    dx dy edgemode elevation enable-background end exponent externalresourcesrequired fill fill-opacity fill-rule filter
    filterres filterunits flood-color flood-opacity focusable font-family font-size font-size-adjust font-stretch
    font-style font-variant font-weight fr from fx fy g1 g2 glyph-orientation-horizontal glyph-orientation-vertical
    gradienttransform gradientunits hanging height horiz-adv-x ideographic image-rendering in in2 intercept k k1 k2 k3
    k4 kernelmatrix kernelunitlength kerning keypoints keysplines keytimes lengthadjust letter-spacing lighting-color
    limitingconeangle local marker-end marker-mid marker-start markerheight markerunits markerwidth mask
    mask-type maskcontentunits maskunits mathematical max min mode numoctaves offset opacity operator order orient
    orientation origin overflow overline-position overline-thickness paint-order panose-1 path pathlength
    patterncontentunits patterntransform patternunits pointer-events points pointsatx pointsaty pointsatz preservealpha
    preserveaspectratio primitiveunits r radius refx refy rendering-intent repeatcount repeatdur requiredextensions
    requiredfeatures restart result rotate rx ry scale seed shape-rendering side slope spacing specularconstant
    specularexponent spreadmethod startoffset stddeviation stemh stemv stitchtiles stop-color stop-opacity
    strikethrough-position strikethrough-thickness stroke stroke-dasharray stroke-dashoffset stroke-linecap
    stroke-linejoin stroke-miterlimit stroke-opacity stroke-width surfacescale systemlanguage tablevalues targetx
    targety text-anchor text-decoration text-rendering textlength to transform transform-origin u1 u2
    underline-position underline-thickness unicode-bidi unicode-range units-per-em v-alphabetic v-hanging v-ideographic
    v-mathematical values vector-effect version vert-adv-y vert-origin-x vert-origin-y viewbox visibility widths
    word-spacing writing-mode x x-height x1 x2 xchannelselector xml:lang xml:space xmlns:xlink y y1 y2 ychannelselector
    z zoomandpan"""
DRAWING = frozenset(_DRAWING.split())
# Of these, names that parts of a drawing call one another by, and fonts.
NAMES = frozenset({"in", "in2", "result", "attributename", "begin", "end", "font-family"})
