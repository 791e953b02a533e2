/** A reader keeps the wallet safe, loses the computer, and is back. */
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SafetyView } from '../../../src/wallet/account/devices.ts';
import {
  closePopup,
  createWallet,
  openStage,
  type Stage,
  sayYes,
  startBrowser,
  visit,
} from '../../support/stage.ts';

let stage: Stage;
let words: string[];

beforeAll(async () => {
  stage = await openStage();
  await createWallet(stage);
});

afterAll(() => stage.close());

/** Says something to the wallet as one of its own pages does. */
function tell(page: Page, message: object): Promise<{ value: SafetyView }> {
  return page.evaluate(async (said) => {
    const world = globalThis as unknown as { browser?: Api; chrome: Api };
    const { runtime } = world.browser ?? world.chrome;
    return runtime.sendMessage({ from: 'screen', ...said });
  }, message);
}
interface Api {
  readonly runtime: { sendMessage(message: object): Promise<{ value: SafetyView }> };
}

async function press(page: Page, text: string): Promise<void> {
  const button = await page.waitForSelector(`::-p-text(${text})`);
  await button?.click();
}

/**
 * Says that there was a wallet before, once the wallet service has answered or not: its answer
 * moves what stands below it, and a press must not land elsewhere.
 */
async function saysBefore(welcome: Page, settled: string): Promise<void> {
  await welcome.waitForSelector(settled);
  await press(welcome, 'I have used Farthing before');
}

const says = (page: Page, text: string) => page.waitForSelector(`::-p-text(${text})`);

/** Types over what stands there. */
async function retype(page: Page, selector: string, text: string): Promise<void> {
  await page.click(selector, { count: 3 });
  await page.type(selector, text);
}

it('is reminded after the first top-up', async () => {
  const page = await visit(stage);
  await page.click('#tides');
  const question = await stage.question(page);
  await Promise.all([page.waitForNavigation(), sayYes(question)]);
  await closePopup(question);
  const screen = await stage.walletPage('/popup.html?tab=0');
  await screen.waitForSelector('.balance');
  // The screen hears of the change by itself.
  await tell(screen, { type: 'top-up', amount: '10000000' });
  await says(screen, 'you lose the $10.23 on it');
  await screen.close();
  await page.close();
});

it('writes twelve words down, and is asked for two of them', async () => {
  const paper = await stage.walletPage('/recovery.html#words');
  await paper.waitForSelector('.words li');
  words = await paper.$$eval('.words li', (items) => items.map((it) => it.textContent ?? ''));
  expect(words).toHaveLength(12);
  await press(paper, 'I have written them down');
  await paper.waitForSelector('.two input');
  const labels = await paper.$$eval('.two label', (items) => items.map((it) => it.textContent));
  const places = labels.map((label) => Number(/\d+/.exec(label ?? '')?.[0]));
  await paper.type('.two label:first-child input', 'wrong');
  await paper.click('.button-main');
  await says(paper, `That is not word ${places[0]}`);
  for (const [at, place] of places.entries())
    await retype(paper, `.two label:nth-child(${at + 1}) input`, words[place - 1] ?? '');
  await paper.click('.button-main');
  await says(paper, 'Your twelve words open this wallet');
  await says(paper, 'on Linux');
  await paper.close();
});

it('is back on another computer with the words, and the article opens without paying', async () => {
  const computer = await startBrowser('allowed');
  try {
    const host = new URL(stage.provider.issuer).host;
    const welcome = await computer.walletPage(`/welcome.html#provider=${host}`);
    await saysBefore(welcome, 'button.button-main');
    await welcome.waitForSelector('textarea');
    await welcome.type('textarea', `${words.slice(0, 11).join(' ')} farthing`);
    await press(welcome, 'Bring my wallet back');
    await says(welcome, 'Word 12 is not in the list');
    await retype(welcome, 'textarea', words.join(' '));
    await press(welcome, 'Bring my wallet back');
    await says(welcome, 'You have $10.');
    await says(welcome, 'more is set aside in another browser');
    const accepted = await stage.shop.accepted();
    const page = await visit({ ...stage, ...computer });
    await page.click('#tides');
    await says(page, 'The article tides');
    expect(await stage.shop.accepted()).toEqual(accepted);
  } finally {
    await computer.browser.close();
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

/** This browser is removed from its own wallet, as another would do it. */
async function removeOwn(page: Page): Promise<void> {
  const { value } = await tell(page, { type: 'safety' });
  const own = value.devices.find(({ isThis }) => isThis);
  await tell(page, { type: 'revoke-device', kid: own?.kid });
  await tell(page, { type: 'refresh' });
}

async function comeBackByPasskey(page: Page): Promise<void> {
  await page.bringToFront();
  await addAuthenticator(page);
  await press(page, 'Save with a passkey');
  await says(page, 'Your passkey or your twelve words');
  await removeOwn(page);
  const welcome = new URL('/welcome.html#provider=localhost:1', page.url()).href;
  await page.goto('about:blank');
  await page.goto(welcome);
  await saysBefore(page, '[role=alert]');
  await press(page, 'Use my passkey');
  await says(page, 'You have $10.');
}

it('is back with a passkey where extensions have them, and is offered none elsewhere', async () => {
  const page = await stage.walletPage('/recovery.html');
  await says(page, 'Write down new words');
  if (stage.name === 'chromium') await comeBackByPasskey(page);
  else expect(await page.$('::-p-text(passkey)')).toBeNull();
  await closePopup(page);
});
