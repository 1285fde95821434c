"""Values of attributes that a browser takes as numbers or as words of its own: what is left of them under a mask."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

# Keywords of HTML's and SVG's attributes, media queries, colours; shorter ones are not asked for.
_WORDS = """
    about above absmiddle absolute accelerometer accumulate additional additive address after alert alertdialog
    aliceblue all allow alphabetic alternate and android anonymous antiquewhite any anywhere apple application aqua
    aquamarine area arithmetic article ascii aspect async atop audio author auto autocomplete autoplay azure babel
    backgroundimage backward banner baseline bday before beige below bevel big billing birthday bisque black
    blanchedalmond blank blending blockquote blue blueviolet bold bolder bookmark both bottom bounding box break
    brown browser burlywood butt button cadetblue calc camera canonical caption captions cardnumber cell center
    central change chapters char characters charset chartreuse checkbox chocolate circle clip clipboard clippath
    close closed closest coarse code col colgroup collapse color colors cols column columnheader combobox compatible
    complement complementary contain content contentinfo contrast cookie coral cornflowerblue cornsilk country cover
    credentials crimson crispedges csc css current currentcolor cvc cvv cyan dark darkblue darkcyan darken
    darkgoldenrod darkgray darkgreen darkgrey darkkhaki darkmagenta darkolivegreen darkorange darkorchid darkred
    darksalmon darkseagreen darkslateblue darkslategray darkslategrey darkturquoise darkviolet data date day decimal
    deeppink deepskyblue default definition deflate deg deletion densitydpi descriptions device dialog difference
    dilate dimgray dimgrey directory disabled discrete display div dns doc document dodgerblue done downloads dpi
    dppx drag duplicate dynamic eager ease else email emphasis encoded encrypted enctype end environment erode
    escape euc evenodd exact exclusion exp expanded extension false family farthest feed fetch figure fill fillpaint
    fine firebrick first fit fixed flac floralwhite folder font footer forced forestgreen form forms forward
    fractalnoise fragment freeze fuchsia fullscreen gainsboro gamma gamut gbk generic geolocation geometricprecision
    get ghostwhite gif given gold goldenrod gradient gray grayscale green greenyellow grey grid gridcell group
    groups gyroscope handlebars hanging hard has header heading height help hidden hide high honeydew honorific
    hotpink hover hsides hsl hsla html http https hue ico icon identity ideographic image img importmap indianred
    indigo inherit initial inline insertion inset inside interactive interlace invert inverted ios iphone iso italic
    ivory javascript jis jpeg jpg json jsx justify khaki koi lab landscape latin lavender lavenderblush lawngreen
    lazy lch left lemonchiffon level lhs license light lightblue lightcoral lightcyan lighten lighter
    lightgoldenrodyellow lightgray lightgreen lightgrey lighting lightpink lightsalmon lightseagreen lightskyblue
    lightslategray lightslategrey lightsteelblue lightyellow lime limegreen line linear linearrgb linen link list
    listbox listitem load local log low ltr luminance magenta magnify main manifest manual many map marker maroon
    marquee mask math mathematical matrix max maximum media mediumaquamarine mediumblue mediumorchid mediumpurple
    mediumseagreen mediumslateblue mediumspringgreen mediumturquoise mediumvioletred meet menu menubar menuitem
    menuitemcheckbox menuitemradio merge message meta metadata meter method microphone middle midi midnightblue min
    minimal mintcream minus mistyrose miter mixed moccasin modal modulate module mono monochrome month more motion
    mov mpeg multipart multiply mustache muted name national navajowhite navigation navy new nickname noerase
    nofollow non none nonzero noopener noreferrer normal nostitch not note nowrap number numeric object
    objectboundingbox oblique octet off ogg oklab oklch oldlace olive olivedrab once one onetime only opacity open
    optimizelegibility optimizequality optimizespeed option orange orangered orchid org organization orientation
    origin outset outside over overlay paced pad page paint painted palegoldenrod palegreen paleturquoise
    palevioletred papayawhip paragraph parent password paused payment pdf peachpuff perceptive perceptual peru
    picture pingback pink pixel plain plaintext play played playsinline plum plus png pointer polite polygon
    polyline popup popups portrait post postal powderblue preconnect preference prefers prefetch preload prerender
    presentation preserve prev preview previous print progress progressbar progressive prompt purple rad radio
    radiogroup range read rebeccapurple rect red redirect reduced reflect refresh region rel relative reload rem
    repeat reset resizes resolution reverse rgb rgba rhs rosybrown rotate round row rowgroup rowheader royalblue rtl
    rules saddlebrown salmon same samesite sandbox sandybrown sans saturate scalable scale scheme screen script
    scripts scroll scrollbar seagreen search searchbox seashell select self send sensors separator serif share
    sharing sheet shift shipping shortcut show shrink shy sidebar sides sienna silver single site size skewx skewy
    skyblue slateblue slategray slategrey slice slider snow soft solid sourcealpha sourcegraphic space spacing
    spacingandglyphs span speculationrules speech sphere spinbutton spline springgreen square src srgb standalone
    start startup static status steelblue step sticky stitch stop street strict stroke strokepaint strokewidth
    strong stylesheet submit subscript subtitles sum superscript svg svgz swash switch sync system tab table tablist
    tabpanel tag tan target tbody teal tel template term text textbox tfoot thead thistle time timer times toggle
    tomato toolbar tooltip top touch transform translate transparency transparent tree treegrid treeitem true
    truespeed tspan turbulence turn turquoise type typescript unsafe update upgrade url urlencoded usb use user
    username userspaceonuse utf var vertical video view viewport violet visibility visible visiblefill
    visiblepainted visiblestroke visual vmax vmin void vsides webm webp week wheat when white whitesmoke widget
    width window windows wmv word wrap write www xhtml xlink xmax xmaxymax xmaxymid xmaxymin xmid xmidymax xmidymid
    xmidymin xmin xminymax xminymid xminymin xml xmlns year yellow yellowgreen yes ymax ymid ymin zip"""
_KNOWN: Final = frozenset(_WORDS.split())
_CHARACTERS = 65_536
# Longer ones are rare, and would fill the memory.
_REMEMBERED_CHARACTERS = 256
# Names of places in the page, and colours.
_REFERENCE = re.compile(r"url\(\s*+[\"']?#[^\s\"')]{1,128}+[\"']?\s*+\)|#[0-9a-fA-F]{3,8}\b")
_WORD = re.compile(r"[^\W\d_]{3,}")
# Long enough for an account or a phone; digits after the point are only precise.
_LONG_NUMBER = re.compile(r"(?<![\d.])\d{7}")
_ODD = re.compile(r"[^\x20-\x7e\t\n\r]|@")
# SVG 2, section 9.3: path data.
_PATH = re.compile(r"[MmZzLlHhVvCcSsQqTtAaEe\d\s.,+-]*", re.ASCII)


def is_plain(value: str) -> bool:
    """True if a value has only keywords, numbers of up to six digits, colours and words of up to two letters."""
    return _remembered(value) if len(value) <= _REMEMBERED_CHARACTERS else _is_plain(value)


def _is_plain(value: str) -> bool:
    if len(value) > _CHARACTERS or _ODD.search(value):
        return False
    rest = _REFERENCE.sub(" ", value)
    return _LONG_NUMBER.search(rest) is None and all(word.lower() in _KNOWN for word in _WORD.findall(rest))


_remembered = lru_cache(maxsize=4096)(_is_plain)


def is_drawing(name: str, value: str) -> bool:
    """The same for an attribute of SVG, `name` in lower case; the data of a path may be of any length."""
    return _PATH.fullmatch(value) is not None if name == "d" else is_plain(value)
