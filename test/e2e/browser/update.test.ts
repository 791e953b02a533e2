/**
 * The extension is updated while its pages are open, which leaves the script of the former version
 * there; and is removed.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  allowOneClick,
  createWallet,
  follow,
  headingOf,
  openStage,
  type Stage,
  visit,
} from '../../support/stage.ts';

const LAYER = 'html > div[style*="absolute"]';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
  await createWallet(stage);
  await allowOneClick(stage, '#tides');
});

afterAll(() => stage.close());

it('the new script takes over: one of each mark, a press pays once, nothing throws', async () => {
  const page = await visit(stage);
  const errors: unknown[] = [];
  page.on('pageerror', (error) => errors.push(error));
  await page.waitForSelector(LAYER);
  await page.$eval(LAYER, (layer) => layer.setAttribute('data-former', ''));
  const before = await stage.shop.accepted();
  await stage.updateWallet();
  await page.waitForSelector(`${LAYER}:not([data-former])`);
  expect(await page.$$eval(LAYER, (layers) => layers.length)).toBe(1);
  await page.bringToFront();
  await follow(page, '#reefs');
  expect(await headingOf(page)).toBe('The article reefs');
  expect((await stage.shop.accepted()).charges).toBe(before.charges + 1);
  expect(errors).toEqual([]);
  await page.close();
});

it('whoever removes it reads at their wallet service what becomes of the money', async () => {
  await stage.removeWallet();
  const { issuer } = stage.provider;
  const target = await stage.browser.waitForTarget((it) => it.url() === `${issuer}/goodbye`);
  const page = await target.page();
  await page?.waitForSelector('h2');
  expect(page && (await headingOf(page))).toBe('Farthing is gone from this browser');
});
