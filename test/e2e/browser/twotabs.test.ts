/** Two tabs are one wallet. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  allowOneClick,
  createWallet,
  headingOf,
  openStage,
  type Stage,
  visit,
} from '../../support/stage.ts';

let stage: Stage;

beforeAll(async () => {
  // 7¢: after the first article there are 5¢ left.
  stage = await openStage({ starterMicros: 70_000n });
  await createWallet(stage);
  await allowOneClick(stage, '#tides');
});

afterAll(() => stage.close());

it('money for one and a click in each: one is paid and opens, the other asks', async () => {
  for (const name of ['reefs', 'kelp']) stage.shop.prices[`/articles/${name}`] = '0.05 USD';
  const pages = [await visit(stage), await visit(stage)] as const;
  const [first, second] = pages;
  await first.bringToFront();
  await first.click('#reefs');
  await second.bringToFront();
  await second.click('#kelp');
  const headings = async () => (await Promise.all(pages.map(headingOf))).join();
  await expect.poll(headings).toMatch(/The article (reefs|kelp)/);
  expect(await stage.shop.accepted()).toEqual({ charges: 2, totalMicros: 70_000n });
});
