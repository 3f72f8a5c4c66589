/** Differences from the recorded answers that we stand by: `group get [accept]` to our status and why. All stand in docs/reference/compatibility.md. */
export const explained: ReadonlyMap<string, { readonly status: number; readonly why: string }> = new Map([
  ['environment /orders/%20', { status: 400, why: 'a blank profile is named as the error it is; the retry with master hid it as 404' }],
  ['formats /broken-default.yml', { status: 500, why: 'a file that does not parse is told with file and line; the retry with master hid it as 404' }],
  ['resources /orders/default/main/.git/config', { status: 404, why: "Git's own files may hold credentials and are never served" }],
  ['resources /orders/default/main/.git/HEAD', { status: 404, why: "Git's own files may hold credentials and are never served" }],
  [
    'negotiation /which/default/main/t.conf text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    { status: 200, why: 'a file is never sent as HTML, which a browser would run' },
  ],
])
