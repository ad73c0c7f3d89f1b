"""The style sheet of all pages: for light and dark screens, wide and narrow ones, and for paper."""

STYLE = """
  :root { color-scheme: light dark; --page: #fff; --text: #1c2128; --dim: #57636f; --line: #d8dee6;
    --soft: #f4f6f8; --link: #0b57d0; --was: #9aa7b5; --now: #2563eb;
    --good: #1a7f37; --warn: #8a5a00; --bad: #b42318; --good-soft: #e9f6ec; --warn-soft: #fdf3dc;
    --bad-soft: #fdecea; --kind0: #2563eb; --kind1: #c2410c; --kind2: #15803d; --kind3: #9333ea;
    --kind4: #0e7490; --kind5: #be185d }
  @media screen and (prefers-color-scheme: dark) {
    :root { --page: #14181d; --text: #e4e8ed; --dim: #9fb0c0; --line: #38414c; --soft: #20262e;
      --link: #8ab8ff; --was: #66737f; --now: #6ea8ff; --good: #4cc26b; --warn: #e3b341; --bad: #ff8a80;
      --good-soft: #16281c; --warn-soft: #2c2413; --bad-soft: #331b1a;
      --kind0: #6ea8ff; --kind1: #fb923c; --kind2: #4ade80; --kind3: #c084fc; --kind4: #22d3ee;
      --kind5: #f472b6 }
    .pictures img { filter: brightness(.9) }
  }
  * { box-sizing: border-box }
  body { font: 16px/1.5 system-ui, sans-serif; margin: 2.5rem auto; max-width: 66rem; padding: 0 1.25rem;
    background: var(--page); color: var(--text) }
  a { color: var(--link) }
  h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 1rem; overflow-wrap: anywhere }
  h2 { font-size: 1.2rem; line-height: 1.3; margin: 2.5rem 0 .75rem; overflow-wrap: anywhere }
  h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; overflow-wrap: anywhere }
  p { margin: .5rem 0 } .dim, small { color: var(--dim) } small { font-size: .85rem }
  .verdict { border-left: 4px solid var(--line); background: var(--soft); border-radius: 4px;
    padding: .75rem 1rem; margin: 0 0 1.5rem; overflow-wrap: anywhere }
  .verdict.good { border-color: var(--good); background: var(--good-soft) }
  .verdict.warn { border-color: var(--warn); background: var(--warn-soft) }
  .verdict.bad { border-color: var(--bad); background: var(--bad-soft) }
  p.verdict { color: var(--text); font-weight: 600 }
  dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .2rem 1.25rem;
    margin: 0 0 1.75rem }
  dt { color: var(--dim) } dd { margin: 0; overflow-wrap: anywhere }
  .wide { overflow-x: auto; max-width: 100% }
  table { border-collapse: collapse; font-variant-numeric: tabular-nums }
  th { font-weight: 600; font-size: .85rem; text-align: left; color: var(--dim); vertical-align: bottom }
  th, td { padding: .4rem 1.25rem .4rem 0; border-bottom: 1px solid var(--line) }
  td { vertical-align: top; overflow-wrap: anywhere }
  .cards td[data-head=column] { overflow-wrap: break-word }
  .cards td[data-head=rule] { min-width: 10rem } .cards td[data-head='differs in'] { min-width: 20rem }
  .cards td[data-head=run] { min-width: 13rem } .cards td[data-head=type] { overflow-wrap: normal }
  .columns td[data-head=column] { min-width: 9.5rem }
  .number { text-align: right; white-space: nowrap; overflow-wrap: normal }
  .bins td { padding-block: .15rem; border: 0; font-size: .9rem; vertical-align: middle }
  .bins td:first-child { min-width: 9rem } .bins td:nth-child(3) { color: var(--dim) }
  svg { display: block } rect { fill: var(--now) } rect.was { fill: var(--was) }
  .scatter { width: 100%; min-width: 40rem; font-size: 12px }
  .scatter text { fill: var(--dim) } .mid { text-anchor: middle } .end { text-anchor: end }
  .scatter .name { font-size: 13px } .scatter .label { fill: var(--text); font-weight: 600;
    paint-order: stroke; stroke: var(--page); stroke-width: 4px }
  .axis, .grid, .front { fill: none; stroke: var(--line) } .grid { stroke-opacity: .5 }
  .front { stroke: var(--dim); stroke-dasharray: 5 4 }
  .kind0 { fill: var(--kind0); stroke: var(--kind0) } .kind1 { fill: var(--kind1); stroke: var(--kind1) }
  .kind2 { fill: var(--kind2); stroke: var(--kind2) } .kind3 { fill: var(--kind3); stroke: var(--kind3) }
  .kind4 { fill: var(--kind4); stroke: var(--kind4) } .kind5 { fill: var(--kind5); stroke: var(--kind5) }
  .hollow { fill: none }
  .kinds { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; font-size: .9rem }
  .kinds span { display: flex; align-items: center; gap: .4rem }
  .ranking { display: grid; grid-template-columns: minmax(0, 9rem) max-content max-content; gap: 0 .75rem;
    align-items: center; font-size: .9rem } .ranking span:nth-child(3n) { text-align: right }
  .ranking span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
  .key { margin: 2rem 0 .5rem } .key .was { color: var(--was) }
  .key .now { color: var(--now); margin-left: 1rem }
  details { border-top: 1px solid var(--line); padding: .75rem 0 } summary { cursor: pointer }
  summary h2 { font-size: 1.05rem; margin: 0; display: inline } details p { color: var(--dim) }
  code { font-family: ui-monospace, monospace; font-size: .9em; background: var(--soft); border-radius: 4px;
    padding: .1em .35em; overflow-wrap: anywhere; white-space: pre-wrap }
  pre { background: var(--soft); border-radius: 6px; padding: .9rem 1rem; overflow-x: auto }
  pre code { padding: 0; white-space: pre }
  ul { margin: .25rem 0; padding-left: 1.1rem }
  .badge { font-size: .85rem; color: var(--dim); white-space: nowrap }
  .good { color: var(--good) } .warn { color: var(--warn) } .bad { color: var(--bad) }
  .badge.bad, .badge.warn { font-weight: 600 }
  .pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(19rem, 100%), 1fr));
    gap: 1rem }
  .pictures img { width: 100%; border: 1px solid var(--line); border-radius: 6px; background: #fff }
  @media (max-width: 40rem) {
    body { margin: 1.25rem auto } h1 { font-size: 1.35rem }
    dl { grid-template-columns: minmax(0, 1fr) } dt { margin-top: .4rem }
    th, td { padding-right: .75rem }
    table.cards, .cards tbody, .cards tr, .cards td { display: block } .cards thead { display: none }
    .cards tr { border-bottom: 1px solid var(--line); padding: .6rem 0 }
    .cards td { border: 0; padding: .1rem 0; text-align: left; white-space: normal; min-width: 0 !important }
    .cards td[data-head]:not(:empty)::before { content: attr(data-head) ": "; color: var(--dim) }
  }
  @media print {
    body { margin: 0; max-width: none; font-size: 10.5pt } .wide { overflow: visible }
    tr, details, .pictures img { break-inside: avoid } h2, h3 { break-after: avoid }
    thead { display: table-header-group } rect, .verdict, .scatter { print-color-adjust: exact }
    th, td { padding-right: .75rem }
  }
"""
