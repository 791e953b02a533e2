/** An account at Stripe as the stand-in has it, and what others than us do there. */
import { randomBytes } from 'node:crypto';
import { START_MS } from './payer.ts';

/** A thing of theirs. */
export interface Thing {
  readonly id: string;
  [member: string]: unknown;
}

/** How a dispute is, where it is not as most are. */
export interface DisputeSo {
  readonly currency?: string;
  readonly status?: string;
  readonly caseType?: string;
  /** In cents: what went is below zero. */
  readonly moves?: readonly number[];
}

export class Refused extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, status = 400) {
    super(code);
    this.code = code;
    this.status = status;
  }
}

interface Moved {
  /** In cents: what goes is below zero. */
  readonly amount: number;
  readonly fee?: number;
  readonly currency?: string;
}

interface Price {
  readonly currency: string;
  readonly unit_amount: string;
  readonly product_data: { readonly name: string };
}

const idOf = (kind: string) => `${kind}_${randomBytes(8).toString('hex')}`;

/** Of a charge: 2.9 % and 30 cents. */
const CHARGE_RATE = 0.029;
const CHARGE_CENTS = 30;
const DISPUTE_CENTS = 1500;

/** What is there, and what may be done to it. */
export class Account {
  /** Its own clock, in seconds since 1970. */
  atSec = START_MS / 1000;
  /** What currency its own balance is in, where that is not dollars. */
  settlesIn: string | undefined;
  /** Whether it keeps something for itself. */
  takesFees = false;
  /** Each charge with its payment's metadata, as it was then. */
  readonly charges = new Map<string, Thing>();
  /** What has moved money here, the newest first. */
  readonly movements: Thing[] = [];
  /** Where the pages are. */
  origin = 'http://checkout.localhost';
  readonly sessions = new Map<string, Thing>();
  readonly intents = new Map<string, Thing>();
  readonly refunds = new Map<string, Thing>();
  readonly disputes = new Map<string, Thing>();
  readonly events: Thing[] = [];

  /** Money moves; `fee` is kept of it, or given back where it is below zero. */
  move(type: string, source: string | null, { amount, fee = 0, ...so }: Moved): Thing {
    const fees = this.takesFees ? fee : 0;
    const made = { id: idOf('txn'), object: 'balance_transaction', type, source, amount };
    const movement = { ...made, fee: fees, net: amount - fees, created: this.atSec };
    this.movements.unshift({ ...movement, currency: so.currency ?? 'usd' });
    return movement;
  }

  /** A payment's charge, and what it brings. */
  charge(intent: Thing, currency?: string): void {
    const { id: payment_intent, metadata } = intent;
    const amount = intent.amount as number;
    const charge = { id: idOf('ch'), object: 'charge', payment_intent, amount, metadata };
    this.charges.set(charge.id, charge);
    const fee = Math.round(amount * CHARGE_RATE + CHARGE_CENTS);
    this.move('charge', charge.id, { amount, fee, ...(currency && { currency }) });
  }

  /** What a dispute has moved: its fee goes with the money, and comes back with it. */
  moveDisputed(dispute: string, amounts: readonly number[]): Thing[] {
    return amounts.map((amount) =>
      this.move('adjustment', dispute, { amount, fee: -Math.sign(amount) * DISPUTE_CENTS }),
    );
  }

  /** A page of movements, each with what it is of. */
  movementsSince({ created, limit, starting_after: after }: Record<string, unknown>) {
    const since = this.movements.filter(
      (it) => (it.created as number) >= Number((created as Thing | undefined)?.gte ?? 0),
    );
    const from = since.findIndex(({ id }) => id === after) + 1;
    const page = since.slice(from, from + Number(limit));
    const things = [this.charges, this.refunds, this.disputes];
    const sourceOf = (id: string) => things.find((known) => known.has(id))?.get(id) ?? id;
    const data = page.map((it) => ({ ...it, source: it.source && sourceOf(String(it.source)) }));
    return { object: 'list', has_more: from + page.length < since.length, data };
  }

  found(things: ReadonlyMap<string, Thing>, id: string): Thing {
    const thing = things.get(id);
    if (!thing) throw new Refused('resource_missing', 404);
    return thing;
  }

  /** It is kept, too, for those who ask. */
  happened(type: string, thing: Thing): Thing {
    const object = structuredClone(thing);
    const event = { id: idOf('evt'), object: 'event', type, data: { object } };
    this.events.unshift(event);
    return event;
  }

  makeSession(form: Record<string, unknown>): Thing {
    const items = form.line_items as Record<string, { price_data: Price }>;
    const price = items[0]?.price_data;
    const id = idOf('cs_test');
    const session = {
      ...{ id, object: 'checkout.session', status: 'open', payment_status: 'unpaid' },
      ...{ amount_total: Number(price?.unit_amount), currency: price?.currency },
      ...{ adaptive_pricing: form.adaptive_pricing, product: price?.product_data.name },
      ...{ metadata: form.metadata, intended: form.payment_intent_data, payment_intent: null },
      success_url: form.success_url,
      url: `${this.origin}/pay/${id}`,
    };
    this.sessions.set(id, session);
    return session;
  }

  pay(id: string): Thing {
    const session = this.found(this.sessions, id);
    if (session.status !== 'open') throw new Refused('resource_missing', 404);
    const { metadata } = session.intended as Thing;
    const intent = { id: idOf('pi'), object: 'payment_intent', metadata };
    const { amount_total: amount, currency } = session;
    const made = { ...intent, amount, currency };
    this.intents.set(intent.id, made);
    this.charge(made, this.settlesIn);
    const details = { customer_details: { address: { country: 'AT' } } };
    const paid = {
      status: 'complete',
      payment_status: 'paid',
      payment_intent: intent.id,
      ...details,
    };
    return Object.assign(session, paid);
  }

  refundsOf(payment: unknown): Thing[] {
    this.found(this.intents, String(payment));
    return [...this.refunds.values()].filter((it) => it.payment_intent === payment);
  }

  makeRefund({ payment_intent: payment, amount, metadata }: Record<string, unknown>): Thing {
    const intent = this.found(this.intents, String(payment));
    const disputed = [...this.disputes.values()].some(
      (it) => it.payment_intent === payment && !/^(?:won$|warning_)/.test(String(it.status)),
    );
    if (disputed) throw new Refused('charge_disputed');
    const backCents = this.refundsOf(payment)
      .filter((it) => it.status !== 'failed')
      .reduce((sum, it) => sum + (it.amount as number), 0);
    if (backCents === intent.amount) throw new Refused('charge_already_refunded');
    // Too much has no code of its own.
    if (backCents + Number(amount) > (intent.amount as number)) throw new Refused('');
    const refund = { id: idOf('re'), object: 'refund', payment_intent: payment, metadata };
    const made = { ...refund, amount: Number(amount), status: 'succeeded' };
    this.refunds.set(made.id, made);
    this.move('refund', made.id, { amount: -made.amount });
    return made;
  }
}

/** What readers, banks and operators do. */
export interface Acts {
  sessions(): readonly Thing[];
  refunds(): readonly Thing[];
  disputes(): readonly Thing[];
  /** The reader pays on the page; answers the event. */
  pay(session: string): Thing;
  /** A day goes by. */
  expire(session: string): Thing;
  /** Money that it moves beside what is said of it; by itself it takes what it says. */
  dispute(payment: string, amount: number, so?: DisputeSo): Thing;
  changeDispute(dispute: string, status: string, moves?: readonly number[]): Thing;
  /** Somebody refunds it in Stripe's own pages. */
  refundByHand(payment: string, amount: number): Thing;
  /** The operator has other customers, too; answers the payment. */
  payElsewhere(amount: number, metadata?: Record<string, string>): string;
  /** It bills something, of a dispute or of no payment. */
  bill(amount: number, of?: string): void;
  /** The payment or refund is not there any more, as under another account's key. */
  forget(id: string): void;
  /** A bank sends a refund back. */
  failRefund(refund: string): Thing;
}

export function actsOn(account: Account): Acts {
  return {
    sessions: () => [...account.sessions.values()],
    refunds: () => [...account.refunds.values()],
    disputes: () => [...account.disputes.values()],
    pay: (session) => account.happened('checkout.session.completed', account.pay(session)),
    expire: (session) => {
      const expired = { status: 'expired' };
      const thing = account.found(account.sessions, session);
      return account.happened('checkout.session.expired', Object.assign(thing, expired));
    },
    dispute: (payment, amount, so = {}) => {
      const { currency = 'usd', status = 'needs_response', moves = [-amount], caseType } = so;
      const dispute = { id: idOf('dp'), object: 'dispute', payment_intent: payment };
      const details = { payment_method_details: { card: { case_type: caseType } } };
      const balance_transactions = account.moveDisputed(dispute.id, moves);
      const made = { ...dispute, amount, currency, status, balance_transactions, ...details };
      account.disputes.set(made.id, made);
      return account.happened('charge.dispute.created', made);
    },
    changeDispute: (id, status, moves = []) => {
      const dispute = account.found(account.disputes, id);
      const before = dispute.balance_transactions as Thing[];
      const now = [...before, ...account.moveDisputed(id, moves)];
      Object.assign(dispute, { status, balance_transactions: now });
      return account.happened('charge.dispute.updated', dispute);
    },
    refundByHand: (payment, amount) =>
      account.happened(
        'refund.created',
        account.makeRefund({ payment_intent: payment, amount, metadata: {} }),
      ),
    payElsewhere: (amount, metadata = {}) => {
      const intent = { id: idOf('pi'), object: 'payment_intent', amount, currency: 'usd' };
      const made = { ...intent, metadata };
      account.intents.set(intent.id, made);
      account.charge(made);
      return intent.id;
    },
    bill: (amount, of) => void account.move('stripe_fee', of ?? null, { amount: -amount }),
    forget: (id) => void (account.intents.delete(id) || account.refunds.delete(id)),
    failRefund: (id) => {
      const refund = account.found(account.refunds, id);
      return account.happened('refund.failed', Object.assign(refund, { status: 'failed' }));
    },
  };
}
