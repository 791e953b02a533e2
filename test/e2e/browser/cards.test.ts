/**
 * A card that is paid on a page of its own, from the shortage to the article, and the money back to
 * it: with Stripe's stand-in, whose page the browser shows.
 */
import type { Page } from 'puppeteer-core';
import { expect, it } from 'vitest';
import { STRIPE_HOOK } from '../../../src/provider/funding/stripe.ts';
import {
  closePopup,
  createWallet,
  headingOf,
  openStage,
  type Stage,
  sayYes,
  shownIn,
  visit,
} from '../../support/stage.ts';
import { SECRET_KEY, type StandIn, useStripe, WEBHOOK_SECRET } from '../../support/stripe.ts';

/** The reader presses what opens a tab of its own; answers that tab. */
async function tabOf({ browser }: Stage, press: () => Promise<unknown>): Promise<Page> {
  const before = new Set(await browser.pages());
  const opened = async () => (await browser.pages()).find((it) => !before.has(it));
  await press();
  await expect.poll(opened).toBeDefined();
  const page = await opened();
  if (!page) throw new Error('no tab was opened');
  return page;
}

/** The reader pays on the card's own page, which leads back. */
async function payOn(page: Page, { provider }: Stage): Promise<void> {
  await page.waitForSelector('button');
  await Promise.all([page.waitForNavigation(), page.click('button')]);
  expect(page.url()).toBe(`${provider.issuer}/topped-up`);
  await page.close();
}

async function buyShort(stage: Stage, stripe: StandIn): Promise<void> {
  const article = await visit(stage, '/articles/tides');
  const short = await stage.pressIcon(article);
  await short.waitForSelector('::-p-text(short)');
  expect(await shownIn(short, 'h1')).toBe('2¢ short');
  const card = await tabOf(stage, () => short.click('.button-main'));
  await card.waitForSelector('button');
  expect(card.url()).toBe(stripe.sessions()[0]?.url);
  await closePopup(short);
  // Whoever looks meanwhile is led back there, and asked for nothing twice.
  const waiting = await stage.walletPage('/popup.html?tab=0');
  await waiting.waitForSelector('.card-note');
  expect(await shownIn(waiting, '.card-note h2')).toBe('Waiting for the card: $5');
  await waiting.close();
  expect(stripe.sessions()).toHaveLength(1);
  await payOn(card, stage);
  await article.bringToFront();
  const popup = await stage.pressIcon(article);
  await popup.waitForSelector('::-p-text(Pay 2¢)');
  await Promise.all([article.waitForNavigation(), sayYes(popup)]);
  await closePopup(popup);
  expect(await headingOf(article)).toBe('The article tides');
  await article.close();
}

async function sendBack(stage: Stage): Promise<void> {
  const page = await stage.walletPage('/page.html#sellers');
  await page.waitForSelector('.seller-acts .button');
  await page.click('.seller-acts .button');
  await page.waitForSelector('::-p-text(is back.)');
  await page.click('.views a[href="#settings"]');
  await page.waitForSelector('::-p-text(Send $4.98 back)');
  await page.click('::-p-text(Send $4.98 back)');
  await page.click('.dialog .button-main');
  // The service tells the card within a minute, and asks what became of it.
  await page.waitForSelector('::-p-text($4.98 is on its way to your card.)');
  await page.close();
}

it('a card pays on its own page what is short, and gets back what is not spent', async () => {
  const stripe = await useStripe();
  const keys = { secretKey: SECRET_KEY, webhookSecret: WEBHOOK_SECRET };
  const stage = await openStage({ starterMicros: 0n, stripe: { ...keys, api: stripe.api } });
  try {
    stripe.hook = stage.provider.issuer + STRIPE_HOOK;
    await createWallet(stage);
    await buyShort(stage, stripe);
    await sendBack(stage);
  } finally {
    await stage.close();
  }
});
