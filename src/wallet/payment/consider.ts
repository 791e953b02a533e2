/**
 * What a press or a page for sale comes to: pay, ask, open what is already the reader's, or say why
 * not. Everything from the page is read here, once, and fixed in an `Ask`: what is shown is what is
 * signed.
 */
import { encodeBase64url } from '../../protocol/base64url.ts';
import { type ErrorCode, FarthingError } from '../../protocol/errors.ts';
import { type Micros, parsePriceList } from '../../protocol/money.ts';
import { type Offer, readOffer, TITLE_LENGTH_MAX, termsOf } from '../../protocol/offer.ts';
import type { Terms } from '../../protocol/terms.ts';
import { cleanText, shortText } from '../../protocol/text.ts';
import {
  checkAddress,
  providerNow,
  refreshBalance,
  requireAccount,
  requireActive,
} from '../account/accounts.ts';
import type { PaymentTable, Tables, WalletPorts } from '../ports.ts';
import { choosePurse, frozenBy, shortMicros } from '../purses/purses.ts';
import {
  type Account,
  type Ask,
  type AskReason,
  itemKeyOf,
  type Payment,
  type Seller,
} from '../rows.ts';
import { isOwnProvider, ruleAt, sellerAt } from '../sellers/sellers.ts';
import { freeOnAccountOf } from './caps.ts';
import { isUsedUp } from './dues.ts';
import type { PagePress } from './pagepress.ts';
import { canHandOver, reasonsToAsk, recentSpan } from './policy.ts';
import { waitingTicket } from './tickets.ts';

export type Decision =
  /** Already bought: no request is needed. */
  | { readonly kind: 'owned'; readonly payment: Payment }
  /** Said yes to before; the outcome is not known yet. */
  | { readonly kind: 'waiting'; readonly payment: Payment }
  /** Inside the limits: pay without asking. */
  | { readonly kind: 'pay'; readonly ask: Ask }
  | { readonly kind: 'ask'; readonly ask: Ask }
  /** Another site's link: its own page says what it costs. */
  | { readonly kind: 'elsewhere' }
  | { readonly kind: 'unpayable'; readonly code: ErrorCode; readonly detail: string };

/** Whether a payment opens its item, or may have: paid and not over, or under way. */
export function holdsItem(payment: Payment, providerNowMs: number): boolean {
  const { state, untilSec, undo, opened, freeBy } = payment;
  if (state === 'intended' || state === 'sending') return true;
  if (state !== 'paid' || undo?.state === 'granted') return false;
  if (isUsedUp(payment) && freeBy === undefined) return !opened;
  return (untilSec ?? 0) * 1000 > providerNowMs;
}

/** Whether it is the reader's: of what is used up at once nothing is, only its page may be due. */
export function isKept(payment: Payment): boolean {
  return payment.state === 'paid' && (payment.freeBy !== undefined || !isUsedUp(payment));
}

/** A place where somebody presses: two presses there may be one. */
type Place = Pick<Ask, 'tabId' | 'pageUrl'>;

/** Of what is used up at once another tab's payment is another one. */
function isHere({ ask }: Payment, { tabId, pageUrl }: Place): boolean {
  return !isUsedUp({ ask }) || (ask.tabId === tabId && ask.pageUrl === pageUrl);
}

/** The one of an item's payments that opens it where it is wanted, or may have. */
function holderAt(rows: readonly Payment[], at: Place, providerNowMs: number): Payment | undefined {
  return rows.find((payment) => holdsItem(payment, providerNowMs) && isHere(payment, at));
}

/** The reader's payment for an item that opens it where it is wanted, or may have. */
export async function paymentFor(
  payments: PaymentTable,
  { itemKey, at }: { readonly itemKey: string; readonly at: Place },
  providerNowMs: number,
): Promise<Payment | undefined> {
  return holderAt(await payments.forItem(itemKey), at, providerNowMs);
}

/**
 * The one of an item's payments that opens it, where what seems to be over is over by the
 * provider's clock and not by one that jumped: what there is a receipt for is never paid again.
 * @throws FarthingError `provider_unreachable`
 */
async function earlierPayment(
  ports: WalletPorts,
  account: Account,
  {
    rows,
    ...wanted
  }: { readonly rows: readonly Payment[]; readonly itemKey: string; readonly at: Place },
): Promise<Payment | undefined> {
  const known = holderAt(rows, wanted.at, providerNow(ports, account));
  const isBought = (payment: Payment) =>
    payment.state === 'paid' && payment.undo?.state !== 'granted' && !isUsedUp(payment);
  if (known || !rows.some(isBought)) return known;
  await refreshBalance(ports);
  // The service's word may have changed the rows as well, and another tab since.
  const nowMs = providerNow(ports, await requireAccount(ports));
  return paymentFor(ports.store.payments, wanted, nowMs);
}

/**
 * What this account would pay.
 * @throws FarthingError `provider_unknown`, `currency_unsupported`, `action_unsupported`
 */
export function chooseTerms(offer: Offer, account: Account) {
  const payto = offer.paytos.find(({ text }) => isOwnProvider(account, text));
  if (!payto) throw new FarthingError('provider_unknown', offer.url);
  const price = offer.prices.find(({ currency }) => currency === account.currency);
  if (!price)
    throw new FarthingError('currency_unsupported', offer.prices.map((it) => it.currency).join());
  const terms = termsOf(offer, payto.text, price);
  if (!canHandOver(terms)) throw new FarthingError('action_unsupported', 'sold by meter');
  return terms;
}

/** @throws FarthingError `seller_blocked` */
function checkRule(seller: Seller | undefined, { host }: URL): void {
  if (ruleAt(seller, host).kind === 'block') throw new FarthingError('seller_blocked', host);
}

/** What it cost when the page was drawn, where that was another price. */
function formerPrice({ drawnPrice, fields }: PagePress, terms: Terms): Micros | undefined {
  if (drawnPrice === undefined || drawnPrice === fields.price) return undefined;
  const drawn = parsePriceList(drawnPrice).find(({ currency }) => currency === terms.currency);
  return drawn?.amountMicros === terms.amountMicros ? undefined : drawn?.amountMicros;
}

function askFor(
  ports: WalletPorts,
  press: PagePress,
  { offer, url, terms, seller }: { offer: Offer; url: URL; terms: Terms; seller: Seller },
): Ask {
  const { pressId, tabId, placement, pageUrl, isVisible } = press;
  return {
    id: encodeBase64url(ports.random(16)),
    pressId,
    tabId,
    placement,
    pageUrl,
    url: url.href,
    origin: url.origin,
    title: offer.title || shortText(url.pathname, TITLE_LENGTH_MAX),
    sellerName: cleanText(seller.record.name),
    terms,
    expires: offer.expires,
    formerMicros: formerPrice(press, terms),
    isVisible,
    reasons: [],
    atMs: ports.now(),
  };
}

async function considerOffer(ports: WalletPorts, press: PagePress): Promise<Decision> {
  const account = await requireActive(ports);
  const offer = readOffer(press.fields, press.href, press.title);
  const url = checkAddress(offer.url, account);
  if (url.origin !== new URL(press.pageUrl).origin) return { kind: 'elsewhere' };
  const itemKey = itemKeyOf(url.origin, offer.item);
  const rows = await ports.store.payments.forItem(itemKey);
  const earlier = await earlierPayment(ports, account, { rows, itemKey, at: press });
  if (earlier) return { kind: isKept(earlier) ? 'owned' : 'waiting', payment: earlier };
  const paid = await waitingTicket(ports, rows, { ...press, url: url.href });
  if (paid) return { kind: 'owned', payment: paid };
  const endMs = offer.expires === undefined ? Infinity : Date.parse(offer.expires);
  if (endMs <= providerNow(ports, account)) throw new FarthingError('offer_over', offer.url);
  const terms = chooseTerms(offer, account);
  // A blocked seller is not even looked up.
  const known = await ports.store.sellers.get(terms.payto);
  checkRule(known, url);
  const seller = await sellerAt(ports, { payto: terms.payto, known }, url.origin);
  const ask = askFor(ports, press, { offer, url, terms, seller });
  const { mayPay, ...why } = await judge(ports.store, account, ask, ports);
  return { kind: mayPay ? 'pay' : 'ask', ask: { ...ask, ...why } };
}

/** What the reader's word and limits make of a question. */
export interface Judgement {
  /** Whether it is paid without asking. */
  readonly mayPay: boolean;
  readonly reasons: readonly AskReason[];
  /** The cap is reached here: it costs nothing, whatever the limits are. */
  readonly isFree?: boolean | undefined;
}

/**
 * Whether the reader's rules and limits let this be paid without asking, by what is stored at this
 * moment, and what speaks against it.
 * @throws FarthingError `seller_blocked`
 */
export async function judge(
  tables: Tables,
  account: Account,
  ask: Ask,
  ports: Pick<WalletPorts, 'now'>,
): Promise<Judgement> {
  const { payto, amountMicros } = ask.terms;
  const nowMs = ports.now();
  const url = new URL(ask.url);
  const providerNowMs = providerNow(ports, account);
  const { fromMs, untilMs } = recentSpan(nowMs);
  const [seller, free, recent, purses, pending] = await Promise.all([
    tables.sellers.get(payto),
    freeOnAccountOf(tables.payments, ask.terms, providerNowMs),
    tables.payments.since(fromMs, untilMs),
    tables.purses.all(),
    tables.payments.pending(),
  ]);
  checkRule(seller, url);
  if (free) return { mayPay: true, reasons: [], isFree: true };
  const here = purses.filter((purse) => purse.payto === payto);
  const rule = ruleAt(seller, url.host);
  const need = { payto, priceMicros: amountMicros, frozen: frozenBy(pending) };
  const reasons = reasonsToAsk(
    {
      account,
      rule,
      recent,
      nowMs,
      isFirstTime: !here.some(({ totalMicros }) => totalMicros > 0n),
      isUsedElsewhere: here.some((purse) => purse.isUsedElsewhere),
      // What was sent a moment ago is not silence yet.
      isUnresolved:
        !choosePurse(here, need, account, providerNowMs) &&
        pending.some((it) => it.state === 'sending' && it.ask.terms.payto === payto && it.attempts),
    },
    ask,
  );
  const isEnough = shortMicros(account, purses, { ...need, providerNowMs }) === undefined;
  const mayPay = rule.kind === 'one-click' && reasons.length === 0 && isEnough;
  return { mayPay, reasons };
}

/** Reads a press into what it comes to; a page that cannot be paid is an answer, not an error. */
export async function consider(ports: WalletPorts, press: PagePress): Promise<Decision> {
  try {
    return await considerOffer(ports, press);
  } catch (error) {
    if (!(error instanceof FarthingError)) throw error;
    return { kind: 'unpayable', code: error.code, detail: error.detail };
  }
}
