/** Alarms wake a worker that the browser has stopped: to finish a payment, and to tidy up. */
import browser from 'webextension-polyfill';
import type { Wallet } from '../wallet/wallet.ts';

const RESUME_ALARM = 'resume';
/** The shortest that browsers grant. */
const RESUME_MINUTES = 0.5;
/** Looks after what is set aside, whether or not there is anything to pay. */
const TIDY_ALARM = 'tidy';
const TIDY_MINUTES = 360;

/** How many payments are under way: as long as there is one, its alarm stays. */
let underWay = 0;

/** A payment under way leaves an alarm behind, so that a stopped worker finishes by itself. */
export async function watched<T>(work: Promise<T>): Promise<T> {
  underWay += 1;
  try {
    const alarm = browser.alarms.create(RESUME_ALARM, { periodInMinutes: RESUME_MINUTES });
    const [result] = await Promise.all([work, alarm]);
    return result;
  } finally {
    underWay -= 1;
  }
}

async function resume(wallet: Wallet): Promise<void> {
  const pending = await wallet.resume();
  // The press that woke the worker may not have written its intent yet.
  if (pending === 0 && underWay === 0) await browser.alarms.clear(RESUME_ALARM);
}

async function tidy(wallet: Wallet): Promise<void> {
  if (await wallet.isOpen()) await wallet.tidy();
}

/**
 * Goes on with what a stopped worker left unfinished, now and whenever an alarm wakes this one;
 * resolves when it has for the first time.
 */
export function keepAwake(wallet: Wallet): Promise<void> {
  browser.alarms.onAlarm.addListener(({ name }) => {
    if (name === RESUME_ALARM) void resume(wallet);
    if (name === TIDY_ALARM) void tidy(wallet);
  });
  void browser.alarms.create(TIDY_ALARM, { periodInMinutes: TIDY_MINUTES });
  return resume(wallet);
}
