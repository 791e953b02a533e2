/** What a page can make a wallet do that is let in: no more than the reader allowed (trust 4). */
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  allowOneClick,
  closePopup,
  createWallet,
  follow,
  headingOf,
  openStage,
  type Stage,
  visit,
} from '../../support/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
  await createWallet(stage);
  await allowOneClick(stage, '#tides');
});

afterAll(() => stage.close());

it('a link that nobody can see is asked about where it is pressed', async () => {
  const before = await stage.shop.accepted();
  const page = await visit(stage);
  await page.$eval('#reefs', (link) => {
    link.setAttribute('style', 'position: fixed; inset: 0; opacity: 0; display: block');
  });
  await page.mouse.click(300, 300);
  const popup = await stage.question(page);
  await popup.waitForSelector('.ask-what');
  expect(await stage.shop.accepted()).toEqual(before);
  await closePopup(popup);
  await page.close();
});

it('a price that goes up under the finger is asked about', async () => {
  const before = await stage.shop.accepted();
  const page = await visit(stage);
  stage.shop.prices['/articles/kelp'] = '0.04 USD';
  await page.waitForSelector('html > div[style*="absolute"]');
  await page.evaluate(() => {
    addEventListener('mousedown', () => {
      document.querySelector('#kelp')?.setAttribute('data-fee-price', '0.04 USD');
    });
  });
  await page.click('#kelp');
  const popup = await stage.question(page);
  await popup.waitForSelector('.ask-what');
  expect(await popup.$eval('main', (main) => main.innerText)).toContain('went from 1¢ to 4¢');
  expect(await stage.shop.accepted()).toEqual(before);
  await closePopup(popup);
  await page.close();
});

it('ten thousand messages of a made-up kind change nothing', async () => {
  const before = await stage.shop.accepted();
  const screen = await stage.walletPage('/popup.html?tab=0');
  await screen.waitForSelector('.balance');
  const told = await screen.evaluate(async () => {
    type Send = (message: unknown) => Promise<unknown>;
    const world = globalThis as unknown as {
      browser?: { runtime: { sendMessage: Send } };
      chrome: { runtime: { sendMessage: Send } };
    };
    const { runtime } = world.browser ?? world.chrome;
    const seeds = [
      'pay',
      'press',
      'undo',
      'undo-note',
      'report-note',
      'note',
      'wish',
      'visit',
      'top-up',
      'state',
    ];
    const values = [null, 0, -1, 2 ** 53, '', 'x'.repeat(3000), [], {}, 'page', 'screen', true];
    const pick = <T>(from: readonly T[], n: number) => from[n % from.length] as T;
    const messageOf = (n: number) => ({
      from: pick(['page', 'wallet', '', 7, 'screen '], n),
      type: pick(seeds, n >> 2),
      [pick(['fields', 'paymentId', 'tabId', 'url', 'askId', 'amount'], n >> 3)]: pick(values, n),
      [`extra-${n % 5}`]: pick(values, n >> 5),
    });
    const send = (n: number) =>
      runtime.sendMessage(n % 13 === 0 ? pick(values, n) : messageOf(n)).catch(() => undefined);
    let answered = 0;
    for (let from = 0; from < 10_000; from += 500) {
      const replies = await Promise.all(Array.from({ length: 500 }, (_, n) => send(from + n)));
      answered += replies.filter((reply) => reply !== undefined && reply !== null).length;
    }
    return answered;
  });
  expect(told).toBe(0);
  await screen.close();
  expect(await stage.shop.accepted()).toEqual(before);
  const page = await visit(stage);
  await follow(page, '#tides');
  expect(await headingOf(page)).toBe('The article tides');
  await page.close();
});
