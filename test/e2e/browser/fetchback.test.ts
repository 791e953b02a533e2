/**
 * Money that lies idle at one seller pays another (screens.md 2.3), also for a reader who lets the
 * wallet in nowhere and has no tab at the first one: it is asked as a page of another origin would
 * ask (SPEC 4.11).
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
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

/** The `Origin`s that requests for `path` have during `act`, from wherever they come. */
async function originsDuring(path: string, act: () => Promise<unknown>): Promise<Set<string>> {
  const origins = new Set<string>();
  const note = (message: unknown) => {
    const { url, headers } = (message as { request: IncomingMessage }).request;
    if (url === path) origins.add(headers.origin ?? 'none');
  };
  subscribe('http.server.request.start', note);
  await act();
  unsubscribe('http.server.request.start', note);
  return origins;
}

it('what lies idle at a seller is fetched back to pay another', async () => {
  const first = await visit(stage, '/articles/tides');
  await buyOn(first);
  await first.close();
  stage.shop.log.length = 0;
  const page = await visit({ ...stage, shop: other }, '/articles/moon');
  const origins = await originsDuring('/articles/tides', () => buyOn(page));
  expect(await headingOf(page)).toBe('The article moon');
  expect(await other.accepted()).toEqual({ charges: 1, totalMicros: 60_000n });
  expect(stage.shop.log).toEqual(['OPTIONS /articles/tides 204', 'GET /articles/tides 200 paid']);
  // Sellers are not told which of all browsers asks: one name for all of them, or none.
  const name =
    stage.name === 'firefox' ? 'null' : 'chrome-extension://hcgkinccjpdaohoehfehhhekpbcfnenn';
  expect([...origins]).toEqual([name]);
  await page.close();
});
