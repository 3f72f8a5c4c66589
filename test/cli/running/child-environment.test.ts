import { expect } from 'chai'
import { childEnvironment } from '../../../cli/src/running/child-environment.js'

const own = { PATH: '/bin', HOME: '/root', DB_HOST: 'mine', LEFT_OUT: undefined }
const configuration = { DB_HOST: 'theirs', DB_PORT: '5432', PATH: '/evil', LD_PRELOAD: '/evil.so', BASH_ENV: '/evil.sh' }
const refused = ['BASH_ENV', 'LD_PRELOAD', 'PATH']

describe('childEnvironment', () => {
  it('keeps what we have, and says so', () => {
    expect(childEnvironment({ configuration, own, wins: 'own', inherit: 'all' })).to.deep.equal({
      environment: { PATH: '/bin', HOME: '/root', DB_HOST: 'mine', DB_PORT: '5432' },
      given: 5,
      kept: ['DB_HOST'],
      refused,
    })
  })

  it('lets the configuration win where it shall', () => {
    expect(childEnvironment({ configuration, own, wins: 'configuration', inherit: 'all' })).to.deep.equal({
      environment: { PATH: '/bin', HOME: '/root', DB_HOST: 'theirs', DB_PORT: '5432' },
      given: 5,
      kept: [],
      refused,
    })
  })

  it('leaves only what a program needs to run at all', () => {
    expect(childEnvironment({ configuration, own: { ...own, TOKEN: 'x' }, wins: 'own', inherit: 'basics' })).to.deep.equal({
      environment: { PATH: '/bin', HOME: '/root', DB_HOST: 'theirs', DB_PORT: '5432' },
      given: 5,
      kept: [],
      refused,
    })
  })
})
