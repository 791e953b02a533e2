/** Carries messages to the wallet and its answers back. Decides nothing about money. */
import browser from 'webextension-polyfill';
import { type ErrorCode, FarthingError } from '../protocol/errors.ts';
import type { Wallet } from '../wallet/wallet.ts';
import { keepAwake, watched } from './alarms.ts';
import { chronicleHandlers } from './chronicle.ts';
import { nameGoodbye } from './goodbye.ts';
import { keepingHandlers } from './keeping.ts';
import { lightUp } from './light.ts';
import { type Connected, look } from './look.ts';
import type {
  ChangedMessage,
  ForgettingMessage,
  OwnAnswers,
  OwnMessage,
  OwnReply,
} from './messages.ts';
import { sayOneClick } from './notes.ts';
import { onPage } from './pages.ts';
import { listen } from './router.ts';
import { agreeWithBrowser, enterOpenTabs, isLetIn, letInAt } from './sites.ts';
import { openTarget } from './tabs.ts';

function announce(message: ChangedMessage | ForgettingMessage): void {
  // It fails where no screen is open, which is the usual case.
  browser.runtime.sendMessage(message).catch(() => undefined);
}

/** Tells our open screens to look again. */
export function announceChange(): void {
  announce({ from: 'wallet', type: 'changed' });
}

/** Why what is known is not of now; the screen says so, and shows it. */
async function refreshQuietly(wallet: Wallet): Promise<ErrorCode | undefined> {
  try {
    await wallet.refresh();
    return undefined;
  } catch (error) {
    if (error instanceof FarthingError) return error.code;
    throw error;
  }
}

/** One handler for each own message; the type says what each is answered with. */
type OwnHandlers = {
  [T in OwnMessage['type']]: (message: OwnMessage & { type: T }) => Promise<OwnAnswers[T]>;
};

function ownHandlers({ wallet, wishes }: Connected): OwnHandlers {
  const keeping = keepingHandlers(wallet, watched);
  return {
    state: ({ tabId }) => look(wallet, tabId),
    refresh: () => refreshQuietly(wallet),
    meet: ({ provider }) => wallet.meet(provider),
    'open-account': ({ provider }) => done(wallet.open(provider).then(() => nameGoodbye(wallet))),
    'top-up': ({ amount }) => watched(wallet.topUp(amount)),
    'leave-top-up': () => done(wallet.leaveTopUp()),
    pay: async ({ askId, remember }) => wallet.show(await watched(wallet.pay({ askId, remember }))),
    dismiss: ({ tabId }) => done(wallet.dismiss(tabId)),
    retry: async ({ paymentId }) => wallet.show(await watched(wallet.retry(paymentId))),
    reopen: async ({ paymentId, tabId }) => wallet.show(await wallet.reopen({ paymentId, tabId })),
    undo: ({ paymentId }) => done(watched(wallet.undo(paymentId))),
    ...keeping,
    restore: (message) => done(keeping.restore(message).then(() => nameGoodbye(wallet))),
    leave: (message) => done(keeping.leave(message).then(() => nameGoodbye(wallet))),
    ...chronicleHandlers(
      wallet,
      (goneCount) => announce({ from: 'wallet', type: 'forgetting', goneCount }),
      watched,
    ),
    visit: ({ url, tabId }) => done(openTarget({ url, tabId, placement: 'same-tab' })),
    async wish({ pattern, paymentId }) {
      await wishes.keep({ pattern, paymentId, atMs: Date.now() });
      // The browser may have said yes before the wish was kept.
      await fulfil({ wallet, wishes });
    },
    unwish: ({ pattern }) => done(wishes.drop(pattern)),
    'ask-again': ({ host }) => done(askAgainAt(wallet, host)),
  };
}

/** What was wished for and is allowed by now comes to pass: from now on a click pays there. */
async function fulfil({ wallet, wishes }: Connected): Promise<void> {
  for (const { pattern, paymentId } of await wishes.current(Date.now())) {
    if (!(await isLetIn(pattern))) continue;
    await wallet.payByClick(paymentId);
    await sayOneClick(wallet, pattern);
    await wishes.drop(pattern);
  }
}

async function askAgainAt(wallet: Wallet, host: string): Promise<void> {
  for (const { payto, hosts } of await wallet.rules())
    if (hosts.some((it) => it.host === host))
      await wallet.setRule({ payto, host, rule: { kind: 'ask' } });
}

async function done(work: Promise<unknown>): Promise<undefined> {
  await work;
  return undefined;
}

/** Refusals travel as their code and detail; anything else is a fault of ours and stays one. */
async function onOwn(handlers: OwnHandlers, message: OwnMessage): Promise<OwnReply<unknown>> {
  try {
    const handle = handlers[message.type] as (message: OwnMessage) => Promise<unknown>;
    return { ok: true, value: await handle(message) };
  } catch (error) {
    if (!(error instanceof FarthingError)) throw error;
    return { ok: false, code: error.code, detail: error.detail };
  }
}

/** Keeps what runs on which page in step with what the reader lets the browser allow. */
function watchPermissions(connected: Connected): void {
  browser.permissions.onAdded.addListener(({ origins = [] }) => {
    void agreeWithBrowser()
      .then(() => fulfil(connected))
      .then(() => enterOpenTabs(origins))
      .then(announceChange);
  });
  browser.permissions.onRemoved.addListener(() => {
    void agreeWithBrowser().then(announceChange);
  });
}

/** Connects a wallet to the browser, and goes on with what a stopped worker left unfinished. */
export function connect(connected: Connected): void {
  const { wallet } = connected;
  const handlers = ownHandlers(connected);
  watchPermissions(connected);
  listen({
    page: (message, sender) => onPage(connected, message, sender),
    own: (message) => onOwn(handlers, message),
  });
  browser.runtime.onInstalled.addListener(({ reason }) => {
    void lightUp();
    if (reason === 'install')
      void browser.tabs.create({ url: browser.runtime.getURL('/welcome.html') });
    // On pages that are open the script of the former version reaches nobody any more.
    else void letInAt().then(enterOpenTabs);
  });
  void agreeWithBrowser().then(() => fulfil(connected));
  // An account that was on its way is there after that.
  void keepAwake(wallet).then(() => nameGoodbye(wallet));
}
