"""The style sheet of the report: system fonts, light and dark, two columns of figures, and paper."""

CSS = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --paper: #ffffff; --line: #d7dce1; --shade: #f5f7f9;
  --link: #0b5cad; --warn-ink: #5c3b00; --warn: #fff4d9; --warn-line: #d9a300; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --soft: #a3acb6; --paper: #14171a; --line: #363c43;
  --shade: #1d2125; --link: #7ab8ff; --warn-ink: #ffe2a1; --warn: #33290f; --warn-line: #b98a00; } }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
body { margin: 0 auto; max-width: 72rem; padding: 2rem 1.5rem 4rem; color: var(--ink); background: var(--paper);
  font: 1rem/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", sans-serif; }
a { color: var(--link); }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: 0.5rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 0.3rem; }
h2 { font-size: 1.35rem; margin: 2.6rem 0 0.8rem; padding-bottom: 0.25rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1.1rem; margin: 1.8rem 0 0.6rem; }
p { max-width: 48rem; }
.subtitle { color: var(--soft); margin: 0; }
nav { margin: 1.2rem 0 0; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.2rem 1.2rem; list-style: none; margin: 0; padding: 0.6rem 0;
  border-block: 1px solid var(--line); font-size: 0.95rem; }
nav .level3 { color: var(--soft); font-size: 0.88rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(10.5rem, 1fr)); gap: 0.7rem; margin: 1rem 0; }
.tiles div { border: 1px solid var(--line); border-radius: 0.5rem; padding: 0.6rem 0.8rem; background: var(--shade); }
.tiles dt { color: var(--soft); font-size: 0.85rem; }
.tiles dd { margin: 0; font-size: 1.3rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.tiles dd + dd { font-size: 0.8rem; font-weight: 400; margin-top: 0.15rem; }
.unit { font-size: 0.95rem; font-weight: 400; color: var(--soft); }
.figures { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1.2rem; align-items: start;
  grid-auto-flow: dense; margin: 1rem 0; }
figure { margin: 0; border: 1px solid var(--line); border-radius: 0.5rem; overflow: hidden; }
figure.wide { grid-column: 1 / -1; }
figure svg { display: block; width: 100%; height: auto; padding: 0.7rem; background: #ffffff; color-scheme: light; }
figcaption { padding: 0.6rem 0.8rem; border-top: 1px solid var(--line); background: var(--shade); font-size: 0.88rem;
  line-height: 1.4; }
.reference { display: inline-block; padding: 0 0.45rem; border: 1px solid var(--line); border-radius: 0.7rem;
  color: var(--soft); font-size: 0.8rem; }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding-bottom: 0.4rem; }
th, td { text-align: left; padding: 0.3rem 1.1rem 0.3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { border-bottom: 2px solid var(--line); font-weight: 600; white-space: nowrap; }
.number { text-align: right; white-space: nowrap; }
td:first-child { overflow-wrap: anywhere; min-width: 4.2rem; }
.badge { display: inline-block; padding: 0 0.5rem; border-radius: 0.7rem; font-size: 0.78rem; white-space: nowrap;
  color: #1b1f24; background: #dfe4e9; }
.badge.predicted { background: #cfe6f7; } .badge.calibrated { background: #fbe0b5; }
.badge.input { background: #e3dcf3; }
.badge.bound { background: #cdeee0; } .badge.declined { background: #f5cfc4; }
.badge.not_modelled { background: #e2e2e2; }
.notice { margin: 1.2rem 0; padding: 0.5rem 1rem; border-left: 0.35rem solid var(--warn-line); border-radius: 0.3rem;
  background: var(--warn); color: var(--warn-ink); }
.notice p { margin: 0.2rem 0; } .notice ul { margin: 0.3rem 0; padding-left: 1.2rem; }
details { margin: 0.8rem 0; border: 1px solid var(--line); border-radius: 0.5rem; padding: 0.5rem 0.9rem; }
summary { cursor: pointer; font-weight: 600; }
pre { overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.82rem;
  font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
@media (max-width: 46rem) { .figures { grid-template-columns: minmax(0, 1fr); } body { padding: 1rem 0.9rem 3rem; } }
@media print { :root { color-scheme: light; --ink: #000; --paper: #fff; --shade: #fff; --soft: #444; --line: #bbb; }
  body { max-width: none; padding: 0; font-size: 10pt; } nav, .skip { display: none; }
  figure, tr, .notice, .tiles div { break-inside: avoid; } h2, h3 { break-after: avoid; }
  .badge { border: 1px solid #888; background: none !important; } }
"""
