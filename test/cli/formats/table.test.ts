import { expect } from 'chai'
import { columnsText, tsvText } from '../../../cli/src/formats/table.js'

const table = {
  headings: ['KEY', 'VALUE'],
  rows: [
    ['a', 'one\ntwo'],
    ['long.key', '\u001b[2Jx\t\\'],
  ],
}

describe('columnsText', () => {
  it('aligns its columns, a row on a line, and lets no value speak to the terminal', () => {
    expect(columnsText(table)).to.equal('KEY       VALUE\na         one\\ntwo\nlong.key  \ufffd[2Jx\\t\\\\\n')
  })
})

describe('tsvText', () => {
  it('has a row on a line and nothing else', () => {
    expect(tsvText(table)).to.equal('a\tone\\ntwo\nlong.key\t\ufffd[2Jx\\t\\\\\n')
  })
})
