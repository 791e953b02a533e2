/** A reader keeps the wallet safe, loses the computer, and is back; in a real Chromium. */
import { resolve } from 'node:path';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  launchChromium,
  requireChromium,
  walletAddress,
  welcomePage,
} from '../../src/cli/browser.ts';
import type { SafetyView } from '../../src/wallet/devices.ts';
import {
  awaitPopup,
  createWallet,
  openStage,
  pressIcon,
  type Stage,
  sayYes,
  visit,
} from '../support/chromium.ts';

const EXTENSION = resolve(import.meta.dirname, '../../.output/chrome-mv3');

let stage: Stage;
let words: string[];

beforeAll(async () => {
  stage = await openStage();
  await createWallet(stage);
});

afterAll(() => stage.close());

async function walletPage(browser: Browser, path: string): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(await walletAddress(browser, path));
  await page.bringToFront();
  return page;
}

/** Says something to the wallet as one of its own pages does. */
function tell(page: Page, message: object): Promise<{ value: SafetyView }> {
  return page.evaluate(async (said) => {
    const { runtime } = (globalThis as unknown as { chrome: { runtime: Runtime } }).chrome;
    return runtime.sendMessage({ from: 'screen', ...said });
  }, message);
}
interface Runtime {
  sendMessage(message: object): Promise<{ value: SafetyView }>;
}

async function topUp(): Promise<void> {
  const page = await walletPage(stage.browser, '/welcome.html');
  await tell(page, { type: 'top-up', amount: '10000000' });
  await page.close();
}

const heading = (page: Page) => page.$eval('h1', ({ textContent }) => textContent);

it('is reminded after the first top-up, writes the words down, and is asked for two', async () => {
  const page = await visit(stage);
  await page.click('#tides');
  const question = await awaitPopup(stage);
  await Promise.all([page.waitForNavigation(), sayYes(question)]);
  await topUp();
  const popup = await pressIcon(stage, page);
  await popup.locator('::-p-text(you lose the $10.23 on it)').wait();
  const opening = stage.browser.waitForTarget((it) => it.url().includes('/recovery.html'));
  await popup.locator('::-p-text(Write down a code)').click();
  const paper = await (await opening).asPage();
  await paper.waitForSelector('.words li');
  words = await paper.$$eval('.words li', (items) => items.map((it) => it.textContent ?? ''));
  expect(words).toHaveLength(12);
  await paper.locator('::-p-text(I have written them down)').click();
  await paper.waitForSelector('.two input');
  const labels = await paper.$$eval('.two label', (items) => items.map((it) => it.innerText));
  const inputs = await paper.$$('.two input');
  await inputs[0]?.type('wrong');
  await paper.locator('.button-main').click();
  await paper.locator('::-p-text(That is not word)').wait();
  await inputs[0]?.click({ count: 3 });
  for (const [index, input] of inputs.entries()) {
    const place = Number(/\d+/.exec(labels[index] ?? '')?.[0]);
    await input.type(words[place - 1] ?? '');
  }
  await paper.locator('.button-main').click();
  await paper.locator('::-p-text(Your twelve words open this wallet)').wait();
  await paper.locator('::-p-text(on Linux)').wait();
  await paper.close();
  await page.close();
});

it('is back on another computer with the words, and the article opens without paying', async () => {
  const executable = await requireChromium(console.log);
  const browser = await launchChromium({ executable, extension: EXTENSION, headless: true });
  try {
    const there = { ...stage, browser };
    const welcome = await welcomePage(browser, new URL(stage.provider.issuer).host);
    await welcome.locator('::-p-text(I have used Farthing before)').click();
    await welcome.locator('textarea').fill(`${words.slice(0, 11).join(' ')} farthing`);
    await welcome.locator('::-p-text(Bring my wallet back)').click();
    await welcome.locator('::-p-text(Word 12 is not in the list)').wait();
    await welcome.locator('textarea').fill(words.join(' '));
    await welcome.locator('::-p-text(Bring my wallet back)').click();
    await welcome.locator('[role=status]').wait();
    expect(await welcome.$eval('[role=status]', (it) => it.textContent)).toContain('$10.20');
    await welcome.locator('::-p-text(5¢ more is set aside in another browser)').wait();
    const accepted = await stage.shop.accepted();
    const page = await visit(there);
    await Promise.all([page.waitForNavigation(), page.click('#tides')]);
    const popup = await pressIcon(there, page);
    await popup.locator('::-p-text(Already yours)').wait();
    await Promise.all([page.waitForNavigation(), popup.locator('.button-main').click()]);
    expect(await heading(page)).toBe('The article tides');
    expect(await stage.shop.accepted()).toEqual(accepted);
  } finally {
    await browser.close();
  }
});

/** A fingerprint reader that always agrees, on this page and no other. */
async function addAuthenticator(page: Page): Promise<void> {
  const session = await page.createCDPSession();
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      hasPrf: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

it('a removed browser is back with a passkey, which knows the wallet service', async () => {
  const page = await walletPage(stage.browser, '/recovery.html');
  await addAuthenticator(page);
  await page.locator('::-p-text(Save with a passkey)').click();
  await page.locator('::-p-text(Your passkey or your twelve words)').wait();
  const { value } = await tell(page, { type: 'safety' });
  const own = value.devices.find(({ isThis }) => isThis);
  await tell(page, { type: 'revoke-device', kid: own?.kid });
  await tell(page, { type: 'refresh' });
  await page.goto('about:blank');
  await page.goto(await walletAddress(stage.browser, '/welcome.html#provider=localhost:1'));
  await page.locator('::-p-text(I have used Farthing before)').click();
  await page.locator('::-p-text(Use my passkey)').click();
  await page.locator('::-p-text(You have $10.2)').wait();
  await page.close();
});
