"""QR codes to stand in a page."""

import segno

#: modules of white around a QR code, as its standard wants
QUIET = 4


def qr_svg(address: str) -> str:
    """A QR code as SVG to stand inline: black on white in the dark mode, too."""
    svg: str = segno.make(address, error="m").svg_inline(scale=5, border=QUIET, dark="#17211f", light="#fff")
    return svg
