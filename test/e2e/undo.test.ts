/** A reader takes a purchase back, in a real Chromium. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  awaitPopup,
  createWallet,
  openStage,
  pressIcon,
  type Stage,
  sayYes,
  visit,
} from '../support/chromium.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage({ refund: 'PT10M' });
  await createWallet(stage);
});

afterAll(() => stage.close());

it('is told before, takes it back in the popup, and the page asks again', async () => {
  const page = await visit(stage);
  await page.click('#tides');
  const question = await awaitPopup(stage);
  await question.locator('::-p-text(undo within 10 minutes)').wait();
  await Promise.all([page.waitForNavigation(), sayYes(question)]);
  expect(await page.$eval('h1', (heading) => heading.textContent)).toBe('The article tides');
  const popup = await pressIcon(stage, page);
  await popup.locator('button.payment-undo').click();
  await popup.locator('::-p-text(Undone)').wait();
  expect(await popup.$$('button.payment-undo')).toHaveLength(0);
  await popup.close();
  await page.reload();
  expect(await page.$eval('main', (main) => main.innerText)).toContain('undo within 10 minutes');
  expect(await stage.shop.seller.collect()).toMatchObject({ handed: 1, refunds: 1 });
});
