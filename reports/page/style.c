/* The look of all pages: one rule a line. */
#include "reports/page/style.h"

#include <stddef.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const char *const colours[] = {
    ":root{color-scheme:light dark;--ground:#fbfbfa;--card:#fff;--ink:#1c2127;--soft:#59626d;",
    "--line:#d8dce1;--link:#0b57a4;--good:#12642f;--good-ground:#e2f5e7;--bad:#a3132a;",
    "--bad-ground:#fdebec;--unsure:#7a4a00;--unsure-ground:#fdf3d6;--quiet:#4a535d;",
    "--quiet-ground:#eceff2;--loud:#a3132a;--loud-ink:#fff;--focus:#0b57a4;--grid:#e6e9ed;",
    "--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}",
    "@media screen and (prefers-color-scheme:dark){:root{--ground:#111418;--card:#181c22;--ink:#e4e8ed;",
    "--soft:#9aa4af;--line:#303740;--link:#7fbdff;--good:#6bd08a;--good-ground:#142a1c;",
    "--bad:#ff8e93;--bad-ground:#381519;--unsure:#e8bb55;--unsure-ground:#2f2611;",
    "--quiet:#a9b3be;--quiet-ground:#262c34;--loud:#8f1525;--loud-ink:#fff;--focus:#7fbdff;",
    "--grid:#252b33}}",
};

static const char *const page[] = {
    "*{box-sizing:border-box}",
    "html{-webkit-text-size-adjust:100%}",
    "body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.45 system-ui,-apple-system,",
    "'Segoe UI',Roboto,'Noto Sans','DejaVu Sans',sans-serif}",
    "a{color:var(--link);text-underline-offset:2px}",
    "a:not(:hover){text-decoration-color:color-mix(in srgb,currentcolor 35%,transparent)}",
    ":focus-visible{outline:3px solid var(--focus);outline-offset:2px;border-radius:3px}",
    ".skip{position:absolute;left:-99em}",
    ".skip:focus{left:8px;top:8px;padding:8px;background:var(--card);z-index:9}",
    ".top{display:flex;flex-wrap:wrap;gap:4px 20px;align-items:baseline;padding:10px 20px;",
    "border-bottom:1px solid var(--line);background:var(--card)}",
    ".top b{font-size:16px;letter-spacing:.01em}",
    ".top nav{display:flex;gap:16px}",
    ".top nav a{color:var(--ink);text-decoration:none;padding:2px 0}",
    ".top nav a:hover{text-decoration:underline}",
    ".top nav a[aria-current]{font-weight:600;box-shadow:0 2px 0 var(--link)}",
    ".top small{margin-left:auto;color:var(--soft)}",
    "main{max-width:1240px;margin:0 auto;padding:16px 20px 40px}",
    "footer{max-width:1240px;margin:0 auto;padding:0 20px 24px;color:var(--soft);font-size:13px}",
    "h1{font-size:22px;line-height:1.25;margin:6px 0 4px;overflow-wrap:anywhere;text-wrap:balance}",
    "h2{font-size:16px;margin:28px 0 8px}",
    "h3{font-size:14px;margin:14px 0 4px}",
    "p{margin:4px 0 8px;overflow-wrap:anywhere}",
    ".soft,.note{color:var(--soft)}.note{font-size:13px}",
    ".lead{color:var(--soft);margin:0 0 12px}",
    ".num{font-variant-numeric:tabular-nums}",
    "code,.id{font-family:var(--mono);font-size:.88em;overflow-wrap:anywhere}",
    ".badge{display:inline-flex;gap:5px;align-items:baseline;padding:1px 8px 2px;border-radius:10px;",
    "font-weight:600;font-size:13px;white-space:nowrap}",
    ".badge i{font-style:normal;font-size:11px}",
    ".good{color:var(--good);background:var(--good-ground)}",
    ".bad{color:var(--bad);background:var(--bad-ground)}",
    ".unsure{color:var(--unsure);background:var(--unsure-ground)}",
    ".quiet{color:var(--quiet);background:var(--quiet-ground)}",
    ".loud{background:var(--loud);color:var(--loud-ink);border-radius:6px;padding:12px 16px;",
    "margin:0 0 12px}",
    ".loud h2{margin:0 0 4px;font-size:18px}.loud p{margin:4px 0}.loud ul{margin:4px 0;padding-left:20px}",
    ".loud a,.loud code{color:inherit}",
    ".tally{display:flex;flex-wrap:wrap;gap:8px;margin:10px 0 14px;padding:0;list-style:none}",
    ".tally li{display:flex;gap:6px;align-items:baseline}",
    ".tally b{font-size:17px;font-variant-numeric:tabular-nums}",
    ".tally .badge{font-size:14px;padding:3px 11px 4px}",
    ".filter{display:flex;flex-wrap:wrap;gap:4px 14px;margin:0 0 10px}",
    ".filter a[aria-current]{font-weight:600;color:var(--ink);text-decoration:none}",
    ".card{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:12px 16px;",
    "margin:0 0 12px}",
    ".card h2,.card h3{margin-top:0}",
    ".card.bad,.card.unsure{color:var(--ink);background:var(--card);border-left:4px solid var(--bad)}",
    ".card.unsure{border-left-color:var(--unsure)}",
    ".needs{margin:0;padding:0;list-style:none}",
    ".needs li{padding:3px 0;display:flex;flex-wrap:wrap;gap:2px 8px;align-items:baseline}",
};

static const char *const tables[] = {
    ".scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:6px}",
    "table{border-collapse:collapse;width:100%}",
    "caption{text-align:left;color:var(--soft);font-size:13px;padding:8px 12px}",
    "th,td{padding:6px 12px;text-align:left;vertical-align:top;border-top:1px solid var(--line)}",
    "thead th{font-size:13px;color:var(--soft);font-weight:600;border-top:0;white-space:nowrap}",
    "caption+thead th{border-top:1px solid var(--line)}",
    "tbody th{font-weight:600}",
    "tbody tr:hover{background:color-mix(in srgb,var(--quiet-ground) 45%,transparent)}",
    "td,th{overflow-wrap:break-word}",
    ".right{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}",
    ".nowrap{white-space:nowrap}",
    ".grid{min-width:640px}",
    "@media(min-width:1200px){.tall{overflow:visible}",
    ".tall thead th{position:sticky;top:0;background:var(--card);box-shadow:0 1px 0 var(--line)}}",
    ".grid tbody th{min-width:210px;width:26%}",
    ".grid th small{display:block;font-weight:400;color:var(--soft);font-size:13px}",
    ".grid td{min-width:150px}",
    ".grid td small{display:block;color:var(--soft);font-size:13px;white-space:nowrap}",
    ".grid td a{text-decoration:none}.grid td a:hover .badge{text-decoration:underline}",
    ".grid .stale{color:var(--unsure)}",
    ".running{color:var(--link);font-weight:600}",
    ".when{white-space:nowrap;color:var(--soft)}",
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:3px 16px;margin:0}",
    "dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere;min-width:0}",
    "@media(max-width:640px){main{padding:12px 12px 32px}.top{padding:10px 12px}.top small{margin:0}",
    "footer{padding:0 12px 24px}h1{font-size:19px}dl{grid-template-columns:1fr;gap:0}dd{margin:0 0 6px}",
    ".stack,.stack tbody,.stack tr,.stack th,.stack td,.stack caption{display:block;width:auto;min-width:0}",
    ".stack thead{position:absolute;left:-99em}",
    ".stack tr{padding:8px 12px;border-top:1px solid var(--line)}",
    ".stack th,.stack td{border:0;padding:1px 0}.stack td:empty{display:none}",
    ".stack .right{text-align:left}.stack th,.stack td{overflow-wrap:anywhere}",
    ".stack td[data-at]{position:relative;padding:2px 0 2px 104px;min-height:24px}",
    ".stack td[data-at]::before{content:attr(data-at);color:var(--soft);position:absolute;left:0;",
    "width:98px;overflow:hidden;text-overflow:ellipsis;font-size:13px;line-height:22px}",
    ".grid.stack tbody th{min-width:0;width:auto}",
    ".grid td small{display:inline;margin-left:6px;white-space:normal}",
    ".grid td small+small::before{content:'· '}",
    ".lines th,.lines td,.lines td.when{display:inline-block;margin-right:8px}",
    ".lines td.wide{display:block;margin:0}",
    ".stack td.off{display:none}}",
};

static const char *const pieces[] = {
    "pre{margin:0;padding:10px 12px;max-height:26em;overflow:auto;white-space:pre-wrap;",
    "overflow-wrap:anywhere;font:13px/1.5 var(--mono)}",
    ".said{border:1px solid var(--line);border-radius:6px;background:var(--card);margin:0 0 10px;",
    "overflow:hidden}",
    ".said header{display:flex;flex-wrap:wrap;gap:2px 10px;padding:6px 12px;font-size:13px;",
    "border-bottom:1px solid var(--line);color:var(--soft)}",
    ".said header b{color:var(--ink)}",
    ".said pre{font-family:inherit;font-size:14px}",
    "details{border:1px solid var(--line);border-radius:6px;background:var(--card);margin:0 0 8px;",
    "overflow:hidden}",
    ".chart+details{margin-top:8px}",
    "h1 .badge{font-size:15px;padding:2px 10px 3px;border-radius:12px;vertical-align:3px}",
    "summary{padding:7px 12px;cursor:pointer;overflow-wrap:anywhere}summary .soft{font-size:13px}",
    "details[open] summary{border-bottom:1px solid var(--line)}",
    ".way{display:flex;flex-wrap:wrap;gap:6px;align-items:center;margin:6px 0 10px}",
    ".way .arrow{color:var(--bad);font-weight:700}",
    ".chart{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:6px;",
    "padding:8px}",
    ".chart svg{display:block;width:100%;min-width:940px;max-width:1180px;height:auto}",
    "svg text{font:12px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;",
    "fill:var(--ink)}",
    "svg .t-soft{fill:var(--soft)}svg .t-good{fill:var(--good)}svg .t-bad{fill:var(--bad)}",
    "svg .t-unsure{fill:var(--unsure)}svg .t-strong{font-weight:600}",
    "svg .t-end{text-anchor:end}svg .t-mid{text-anchor:middle}",
    "svg .g{stroke:var(--grid);stroke-width:1}svg .axis{stroke:var(--line);stroke-width:1}",
    "svg .zero{stroke:var(--bad);stroke-width:1.5}",
    "svg .dead{stroke:var(--unsure);stroke-width:1.5;stroke-dasharray:5 4;fill:none}",
    "svg .trail{stroke:var(--line);stroke-width:2}",
    "svg .p50{stroke:var(--soft);stroke-width:1}svg .p99{stroke:var(--soft);stroke-width:1;",
    "stroke-dasharray:2 3}",
    "svg .f-good{fill:var(--good)}svg .f-bad{fill:var(--bad)}svg .f-unsure{fill:var(--unsure)}",
    "svg .f-quiet{fill:var(--quiet)}",
    "svg .bar-fault{fill:var(--bad);opacity:.7}",
    "svg .bar-a{fill:var(--quiet-ground);stroke:var(--card)}",
    "svg .bar-b{fill:var(--line);stroke:var(--card)}",
    "svg .x{stroke-width:2.5;fill:none;stroke-linecap:round}svg .x.bad{stroke:var(--bad);background:none}",
    "svg .tag{paint-order:stroke;stroke:var(--card);stroke-width:4px;stroke-linejoin:round}",
    "svg .x.unsure{stroke:var(--unsure)}svg .x.quiet{stroke:var(--quiet)}",
    ".key{display:flex;flex-wrap:wrap;gap:2px 18px;margin:6px 0 0;font-size:13px;color:var(--soft)}",
    "@media print{:root{--ground:#fff;--card:#fff}.top nav,.skip,.filter{display:none}",
    "body,thead th,.badge,h1 .badge,.said pre,caption,.note,small{font-size:10px}h1{font-size:16px}",
    "h2{font-size:12px;margin-top:14px}th,td{padding:3px 6px}.scroll,.chart{overflow:visible}",
    "main{padding:8px}pre{max-height:none}a{color:inherit}.chart svg{min-width:0}",
    ".nowrap,.right,thead th{white-space:normal}.card,.said,tr,svg{break-inside:avoid}}",
};

static void add_lines(struct buf *html, const char *const *lines, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		buf_adds(html, lines[i]);
		buf_adds(html, "\n");
	}
}

void style_add(struct buf *html)
{
	buf_adds(html, "<style>\n");
	add_lines(html, colours, LENGTH(colours));
	add_lines(html, page, LENGTH(page));
	add_lines(html, tables, LENGTH(tables));
	add_lines(html, pieces, LENGTH(pieces));
	buf_adds(html, "</style>\n");
}
