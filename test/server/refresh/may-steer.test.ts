import { expect } from 'chai'
import { maySteer } from '../../../server/src/refresh/may-steer.js'
import { steeringOf, steers } from '../../../server/src/refresh/steering.js'
import { parseFile } from '../../../server/src/resolution/parse/index.js'

const utf16 = (text: string): Buffer => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')])

describe('maySteer', () => {
  const steering: readonly (readonly [name: string, format: string, content: string | Buffer])[] = [
    ['an import', 'yml', 'spring.config.import: other.yml'],
    ['nested keys', 'yml', 'spring:\n  config:\n    import:\n      - other.yml'],
    ['flow style', 'yml', '{spring: {config: {import: other.yml}}}'],
    ['relaxed names', 'yml', 'S-P_RING:\n  Con-Fig:\n    im_port: other.yml'],
    ['signs that names ignore', 'properties', 'spr$ing.con%fig.import=other.yml'],
    ['letters that names ignore', 'yml', 'spréing.profiles.include: a'],
    ['a capital that is small with a dot', 'yml', 'spr\u0130ng.profiles.include: a'],
    ['an explicit key', 'yml', '? spring.profiles.include\n: a'],
    ['a folded key', 'yml', '? "spring.pro\n\n  files.include"\n: a'],
    ['an escaped key of YAML', 'yml', '"\\x73pring.profiles.include": a'],
    ['an escaped key of properties', 'properties', '\\u0073pring.profiles.include=a'],
    ['a needless escape', 'properties', 's\\pring.profiles.include=a'],
    ['a line that goes on', 'properties', 'spring.prof\\\n   iles.include=a'],
    ['an escaped tab', 'properties', 'spr\\ting.profiles.include=a'],
    ['an alias as a key', 'yml', 'a: &k spring.profiles.include\n*k : b'],
    ['a group', 'yml', 'spring.profiles.group.prod: [a, b]'],
    ['a platform that is none', 'yml', 'spring.config.activate.on-cloud-platform: mars'],
    ['a placeholder in a directive', 'yml', 'spring.main.cloud-platform: ${platform}'],
    ['a placeholder in escapes', 'properties', 'spring.profiles.active=$\\{a}'],
    ['a placeholder over two lines', 'properties', 'spring.profiles.active=$\\\n  {a}'],
    ['entities', 'xml', '<properties><entry key="&#115;pring.profiles.include">a</entry></properties>'],
    ['UTF-16', 'yml', utf16('spring.profiles.include: a')],
  ]
  for (const [name, format, content] of steering) {
    it(`does not miss ${name}`, () => {
      const bytes = Buffer.from(content)
      expect(steers(steeringOf(parseFile(`a.${format}`, bytes)))).to.equal(true)
      expect(maySteer(bytes, format)).to.equal(true)
    })
  }

  const others: readonly (readonly [name: string, format: string, content: string])[] = [
    ['plain values', 'yml', 'a: 1\nb: ${a}'],
    [
      'what belongs to others below spring',
      'yml',
      'spring:\n  datasource.url: x\n  kafka.consumer.group-id: g\nmanagement.include: health',
    ],
    ['nothing', 'properties', ''],
  ]
  for (const [name, format, content] of others)
    it(`saves parsing ${name}`, () => expect(maySteer(Buffer.from(content), format)).to.equal(false))
})
