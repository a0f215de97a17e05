"""The page a report stands on: one HTML file without scripts, fonts or links to elsewhere."""

import base64
from collections.abc import Sequence
from html import escape

STYLE = """
:root{color-scheme:light dark;--paper:#faf9f6;--card:#fff;--ink:#1c2127;--muted:#5d6772;
--line:#dde0e4;
--warm:#ee8a4a;--cold:#5b9bdc;--even:#f3f1ec;--base:#7b8591;--accent:#c2500f;--good:#1d7f4f;
--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--paper:#13161a;--card:#1a1e23;--ink:#e8eaed;
--muted:#9ca6b1;--line:#2e353c;
--warm:#b95f22;--cold:#2f6da8;--even:#23282e;--base:#98a2ae;--accent:#f29455;--good:#5cc491;
--bad:#f0827a}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:60rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.75rem;line-height:1.2;margin:.5rem 0 .25rem}
h2{font-size:1.2rem;margin:0 0 .5rem}
h3{font-size:1rem;margin:1rem 0 .35rem}
p{margin:.4rem 0 .8rem;max-width:46rem}
.lead{color:var(--muted);margin-bottom:1.2rem}
section{background:var(--card);border:1px solid var(--line);border-radius:.6rem;
padding:1.1rem 1.2rem;margin:1rem 0}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.75rem;
margin:1rem 0}
.figure-card{background:var(--card);border:1px solid var(--line);border-radius:.6rem;
padding:.8rem 1rem}
.figure-card b{display:block;font-size:1.55rem;line-height:1.2;font-variant-numeric:tabular-nums}
.figure-card span{display:block;color:var(--muted);font-size:.85rem;line-height:1.35}
.scroll{overflow-x:auto;-webkit-overflow-scrolling:touch}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.9rem}
th,td{padding:.3rem .55rem;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
th:first-child,td:first-child{text-align:left}
thead th{color:var(--muted);font-weight:600;vertical-align:bottom}
table.prose td,table.prose th{white-space:normal;text-align:left;vertical-align:top}
table.prose{width:100%}table.prose td:first-child{min-width:9rem;width:24%}
table.prose td:last-child{width:34%}table.prose td[data-label="95 % interval"]{white-space:nowrap}
table.stack tr.holds td[data-label=Verdict]{color:var(--good);font-weight:600}
table.stack tr.fails td[data-label=Verdict]{color:var(--bad);font-weight:600}
table.stack tr.partly td[data-label=Verdict]{font-weight:600}
.better{color:var(--good)}.worse{color:var(--bad)}
.grid-2>figure{max-width:30rem}
.grid-2{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));
gap:1rem 1.5rem}
.radars{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,13rem),1fr));gap:.5rem}
.minis{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,9rem),1fr));gap:.9rem}
figure{margin:0}figcaption{font-size:.9rem;font-weight:600;text-align:center}
.plain figcaption{text-align:left}
svg{display:block;width:100%;height:auto}
svg.wide,.narrow{max-width:38rem}
svg text{fill:var(--ink);font-size:11px;font-variant-numeric:tabular-nums}
svg .tick,svg .axis{fill:var(--muted);font-size:10px}
svg .grid{stroke:var(--line);fill:none;stroke-width:1}
svg .zero{stroke:var(--muted);stroke-width:1.2}
svg .whisker{stroke:var(--base);stroke-width:2.2;stroke-linecap:round}
svg .dot{fill:var(--base)}
svg .whisker.better{stroke:var(--good)}svg .dot.better,svg text.figure.better{fill:var(--good)}
svg .whisker.worse{stroke:var(--bad)}svg .dot.worse,svg text.figure.worse{fill:var(--bad)}
svg .whisker.total{stroke:var(--accent);stroke-width:3.5}svg .dot.total{fill:var(--accent)}
svg text.total{font-weight:700}
svg .before{fill:none;stroke:var(--base);stroke-width:1.6;stroke-dasharray:4 3}
svg .after{fill:var(--accent);fill-opacity:.16;stroke:var(--accent);stroke-width:1.8}
svg .bar-before{fill:var(--base);fill-opacity:.45}
svg .bar-after{fill:var(--accent);fill-opacity:.85}
svg .thin{stroke:var(--ink);stroke-width:1.1}svg .cell{font-size:9px}
svg .line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke:var(--tone)}
.tone0{--tone:#c2500f}.tone1{--tone:#3b7dc0}.tone2{--tone:#2f9161}.tone3{--tone:#8f5bb8}
.tone4{--tone:#b58a12}.tone5{--tone:#0f8f94}.tone6{--tone:#c0447e}.tone7{--tone:#7a8088}
.key{font-size:.85rem;color:var(--muted);display:flex;flex-wrap:wrap;gap:.2rem .9rem;margin:.3rem 0}
.key i{display:inline-block;width:1.2em;height:0;border-top:3px solid var(--tone,var(--accent));
vertical-align:middle;margin-right:.35em}
.key i.box{width:.9em;height:.9em;border:0;background:var(--accent);opacity:.85}
.key i.box.before{background:var(--base);opacity:.45}
.key i.dashed{border-top-style:dashed;border-color:var(--base)}
video{width:100%;border-radius:.4rem;background:#000;display:block}
pre{margin:.4rem 0;padding:.7rem .8rem;background:var(--even);border-radius:.4rem;overflow-x:auto;
font-size:.88rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.5rem 0;
font-size:.92rem}
dt{color:var(--muted)}dd{margin:0;overflow-wrap:anywhere}
ul{padding-left:1.2rem;margin:.4rem 0;max-width:46rem}li{margin:.3rem 0}
a{color:var(--accent)}
.note{color:var(--muted);font-size:.88rem}
@media (max-width:34rem){main{padding:1rem .7rem 3rem}section{padding:.9rem .8rem}
h1{font-size:1.4rem}
table.stack,table.stack tbody,table.stack tr,table.stack td{display:block}
table.stack thead{display:none}
table.stack tr{padding:.45rem 0;border-bottom:1px solid var(--line)}
table.stack td{border:0;padding:.06rem 0;text-align:left;white-space:normal;overflow-wrap:anywhere}
table.stack td:first-child{font-weight:600}
table.stack td:not(:first-child)::before{content:attr(data-label) ": ";color:var(--muted);
font-weight:400}
table.stack td:empty{display:none}
table.stack:not(.prose) td:not(:first-child){display:inline-block;margin-right:.9rem}
table.prose td:first-child,table.prose td:last-child{width:auto}}
@media print{:root{color-scheme:light;--paper:#fff;--card:#fff;--ink:#000;--muted:#444;--line:#ccc;
--warm:#ee8a4a;
--cold:#5b9bdc;--even:#f3f1ec;--base:#666;--accent:#c2500f;--good:#1d7f4f;--bad:#b3261e}
body{font-size:11pt}main{max-width:none;padding:0}section{break-inside:avoid;border:0;
padding:.4rem 0}
.screen{display:none}.scroll{overflow:visible}table.prose{font-size:8.5pt}
tr{break-inside:avoid}section.long{break-inside:auto}
*{-webkit-print-color-adjust:exact;
print-color-adjust:exact}}
"""


def page(title: str, lead: str, body: Sequence[str]) -> str:
    """Put sections on a page.

    Args:
        title: of the document.
        lead: one sentence under it.
        body: HTML of the sections.

    Returns:
        A whole HTML document.
    """
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f'<link rel="icon" href="data:,"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head>\n"
        f'<body><main><h1>{escape(title)}</h1><p class="lead">{escape(lead)}</p>\n'
        + "\n".join(part for part in body if part)
        + "\n</main></body></html>\n"
    )


def section(title: str, *content: str, kind: str = "") -> str:
    """Frame HTML under a heading; `kind` is a CSS class: `long` may break over printed pages."""
    attribute = f' class="{kind}"' if kind else ""
    return f"<section{attribute}><h2>{escape(title)}</h2>{''.join(content)}</section>"


def paragraph(text: str, kind: str = "") -> str:
    """Write plain text as a paragraph of a CSS class."""
    attribute = f' class="{kind}"' if kind else ""
    return f"<p{attribute}>{escape(text)}</p>"


def bullets(sentences: Sequence[str]) -> str:
    """Write plain sentences as a list."""
    return "<ul>" + "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences) + "</ul>"


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    tones: Sequence[str] = (),
    kind: str = "",
) -> str:
    """Write plain text as a table; on a narrow screen each row becomes a card.

    Args:
        head: one text a column.
        rows: as many texts in each.
        tones: CSS class of each row, if given.
        kind: CSS class of the table; `prose` breaks long texts.

    Returns:
        HTML.
    """
    body = []
    for index, row in enumerate(rows):
        attribute = f' class="{tones[index]}"' if tones else ""
        cells = "".join(
            f'<td data-label="{escape(name)}">{escape(cell)}</td>'
            for name, cell in zip(head, row, strict=True)
        )
        body.append(f"<tr{attribute}>{cells}</tr>")
    return (
        f'<div class="scroll"><table class="{" ".join(["stack", kind]).strip()}"><thead><tr>'
        + "".join(f"<th>{escape(cell)}</th>" for cell in head)
        + f"</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def figure_card(figure: str, meaning: str) -> str:
    """Write one headline number."""
    return f'<div class="figure-card"><b>{escape(figure)}</b><span>{escape(meaning)}</span></div>'


def download(name: str, content: bytes, kind: str) -> str:
    """Write a link that saves content held in the page itself."""
    address = f"data:{kind};base64,{encode(content)}"
    return f'<a download="{escape(name)}" href="{address}">{escape(name)}</a>'


def encode(content: bytes) -> str:
    """Write bytes in base64."""
    return base64.b64encode(content).decode("ascii")
