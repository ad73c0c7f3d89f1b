"""How the page looks: by itself, on a light or a dark screen, or on paper."""

STYLE = """
  :root { color-scheme: light dark; --line: #d8dee6; --soft: #f4f6f8; --dim: #5d6b7a;
          --was: #9aa7b5; --now: #2563eb; --good: #1a7f37; --warn: #9a6700; --bad: #b42318 }
  @media (prefers-color-scheme: dark) {
    :root { --line: #3a424d; --soft: #20262e; --dim: #9fb0c0;
            --was: #66737f; --now: #6ea8ff; --good: #4cc26b; --warn: #e3b341; --bad: #ff8a80 }
    body { background: #14181d; color: #e4e8ed }
    a { color: #8ab8ff }
  }
  body { font: 16px/1.55 system-ui, sans-serif; margin: 2.5rem auto; max-width: 62rem; padding: 0 1.25rem }
  h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 1.25rem; overflow-wrap: anywhere }
  h2 { font-size: 1.1rem; display: inline; overflow-wrap: anywhere }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.25rem; margin: 0 0 1.75rem }
  dt { color: var(--dim) } dd { margin: 0; overflow-wrap: anywhere }
  table { border-collapse: collapse; display: block; max-width: 100%; overflow-x: auto }
  table { font-variant-numeric: tabular-nums }
  th { font-weight: 600; font-size: .85rem; text-align: left; color: var(--dim) }
  th, td { padding: .3rem 1.25rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: middle }
  .number { text-align: right; white-space: nowrap }
  .columns th:nth-child(n+3), .bins th:nth-child(n+3) { text-align: right }
  .bins td { padding-block: .15rem; border: 0; font-size: .9rem } .bins td:first-child { min-width: 9rem }
  .bins td:nth-child(3) { color: var(--dim) }
  svg { display: block } rect.was { fill: var(--was) } rect.now { fill: var(--now) }
  .key { margin: 2rem 0 .5rem } .key .was { color: var(--was) }
  .key .now { color: var(--now); margin-left: 1rem }
  details { border-top: 1px solid var(--line); padding: .75rem 0 } summary { cursor: pointer }
  details p { color: var(--dim); margin: .4rem 0 .6rem }
  code { font-family: ui-monospace, monospace; font-size: .9em; background: var(--soft); border-radius: 4px }
  code { padding: .1em .35em }
  .badge { font-size: .85rem; color: var(--dim); white-space: nowrap }
  .good { color: var(--good) } .warn { color: var(--warn) } .bad { color: var(--bad); font-weight: 600 }
  @media (max-width: 40rem) { dl { grid-template-columns: 1fr } dt { margin-top: .4rem } }
  @media print {
    body { margin: 0; max-width: none } details { break-inside: avoid } rect { print-color-adjust: exact }
  }
"""
