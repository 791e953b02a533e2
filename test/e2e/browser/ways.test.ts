/** Ways to sell: what is used up at once, and a cap for a day. */
import { expect, it } from 'vitest';
import {
  allowOneClick,
  createWallet,
  follow,
  headingOf,
  openStage,
  type Stage,
  visit,
} from '../../support/stage.ts';

async function withStage(options: Parameters<typeof openStage>[0], story: (s: Stage) => unknown) {
  const stage = await openStage(options);
  try {
    await createWallet(stage);
    await allowOneClick(stage, '#tides');
    await story(stage);
  } finally {
    await stage.close();
  }
}

/** A click on the front page, and the heading of what it opened. */
async function clickOn(stage: Stage, name: string) {
  const page = await visit(stage);
  await follow(page, `#${name}`);
  return { page, heading: await headingOf(page) };
}

it('what is used up at once opens at each click, and a reload is for sale', () =>
  withStage({ duration: 'PT0S' }, async (stage) => {
    const { page, heading } = await clickOn(stage, 'reefs');
    expect(heading).toBe('The article reefs');
    await page.reload();
    expect(await headingOf(page)).not.toBe('The article reefs');
    expect((await stage.shop.accepted()).charges).toBe(2);
    expect((await clickOn(stage, 'reefs')).heading).toBe('The article reefs');
    expect(await stage.shop.accepted()).toEqual({ charges: 3, totalMicros: 40_000n });
  }));

it('past the cap of a day a click opens and pays nothing', () =>
  withStage({ cap: '0.05 USD/P1D' }, async (stage) => {
    for (const name of ['reefs', 'mist', 'kelp', 'dunes'])
      expect((await clickOn(stage, name)).heading).toBe(`The article ${name}`);
    expect((await stage.shop.accepted()).totalMicros).toBe(50_000n);
    const screen = await stage.walletPage('/popup.html?tab=0');
    await screen.waitForSelector('.payments');
    expect(await screen.$eval('main', (main) => main.innerText)).toContain('day’s cap reached');
  }));
