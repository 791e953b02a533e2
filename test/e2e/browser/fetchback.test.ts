/**
 * Money that lies idle at one seller pays another (screens.md 2.3), also for a reader who lets the
 * wallet in nowhere and has no tab at the first one: it is asked as a page of another origin would
 * ask (SPEC 4.11).
 */
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningShop, startShop } from '../../support/shop.ts';
import {
  closePopup,
  createWallet,
  headingOf,
  openStage,
  type Stage,
  sayYes,
  visit,
} from '../../support/stage.ts';

let stage: Stage;
let other: RunningShop;

beforeAll(async () => {
  // The first purchase sets 5¢ aside, so that 5¢ are left for the other seller.
  stage = await openStage({ build: 'real', starterMicros: 100_000n });
  other = await startShop(stage.provider.issuer, { handle: 'weekly', host: 'weekly.localhost' });
  other.prices['/articles/moon'] = '0.06 USD';
  await createWallet(stage);
});

afterAll(async () => {
  await stage.close();
  await other.close();
});

async function buyOn(page: Page): Promise<void> {
  const popup = await stage.pressIcon(page);
  await popup.waitForSelector('.ask-what');
  await Promise.all([page.waitForNavigation(), sayYes(popup)]);
  await closePopup(popup);
}

it('what lies idle at a seller is fetched back to pay another', async () => {
  const first = await visit(stage, '/articles/tides');
  await buyOn(first);
  await first.close();
  stage.shop.log.length = 0;
  const page = await visit({ ...stage, shop: other }, '/articles/moon');
  await buyOn(page);
  expect(await headingOf(page)).toBe('The article moon');
  expect(await other.accepted()).toEqual({ charges: 1, totalMicros: 60_000n });
  expect(stage.shop.log).toEqual(['OPTIONS /articles/tides 204', 'GET /articles/tides 200 paid']);
  await page.close();
});
