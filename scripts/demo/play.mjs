/** The demo, step by step. */
import { openScreen } from './screen.mjs'
import { commitAndPush, setUp, showHealth, showQuotes, takeDown } from './shop.mjs'
import { openStage } from './stage.mjs'

/** Plays it on standard output. Resolves to the exit code. */
export async function play({ bus }) {
  const stage = openStage()
  const screen = openScreen()
  try {
    screen.title('From a commit to running programs. All that is started and written for it goes at the end.')
    const demo = await setUp({ stage, screen, bus })
    await goodCommit(demo)
    await badCommit(demo)
    await mend(demo)
    await takeDown(demo)
    return 0
  } catch (error) {
    console.error(`\nThe demo broke off: ${error.message}`)
    return 1
  } finally {
    stage.clear()
  }
}

async function goodCommit(demo) {
  demo.screen.step('A commit makes shipping cheaper and the pool larger')
  await commitAndPush(demo, {
    message: 'Cheaper shipping',
    edits: [
      ["shipping-fee: '4.90'", "shipping-fee: '3.90'"],
      ['pool: 5', 'pool: 8'],
    ],
    ends: (commit) => `runs ${commit}`,
  })
  await showQuotes(demo)
}

async function badCommit(demo) {
  demo.screen.step('A bad commit: max-items is not a number any more')
  await commitAndPush(demo, {
    message: 'More items, and shipping almost free',
    edits: [
      ['max-items: 50', 'max-items: plenty'],
      ["shipping-fee: '3.90'", "shipping-fee: '0.10'"],
    ],
    ends: (commit) => `${commit}\\w* is refused`,
  })
  demo.screen.say("The shop's schema refused it, as a whole: shipping costs what it did.")
  await showQuotes(demo)
  await showHealth(demo)
}

async function mend(demo) {
  demo.screen.step('A commit that mends it')
  await commitAndPush(demo, {
    message: 'Sixty items, and shipping as it was',
    edits: [
      ['max-items: plenty', 'max-items: 60'],
      ["shipping-fee: '0.10'", "shipping-fee: '3.90'"],
    ],
    ends: (commit) => `runs ${commit}`,
  })
  await showHealth(demo)
}
