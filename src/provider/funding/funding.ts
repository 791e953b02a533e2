/**
 * Where readers' money comes from: a payment is begun, and what became of it is told by notices,
 * at any time, in any order, and more than once. What is booked of them is for others to say.
 */
import type { Micros } from '../../protocol/money.ts';

/** Whose payment something is about. */
export interface Place {
  readonly account: string;
  /** The top-up's. */
  readonly id: string;
}

/** A payment as its funding is told of it. */
export interface Payment extends Place {
  readonly amountMicros: Micros;
  readonly currency: string;
  /** Seconds since 1970. */
  readonly begunAtSec: number;
  /** What `begin` answered; of the sandbox card, what it was wished to do. */
  readonly reference: string | undefined;
  /** What its reader reads where it is paid; undefined where that was not kept. */
  readonly name: string | undefined;
}

/** What goes back to a payment. */
export interface Return {
  readonly payment: Payment;
  /** How the outside calls the payment. */
  readonly paid: string;
  /** Unique for ever: the same name again is the same return. */
  readonly name: string;
  readonly amountMicros: Micros;
  /** What `sendBack` answered. */
  readonly reference: string | undefined;
  /** How often the outside has refused it: what it was told then is over. */
  readonly refusalCount: number;
}

/** The outside has said no to a return: it has not made it, and may when it is told anew. */
export class ReturnRefused extends Error {}

/** What the outside says: how it stands now. It is booked once, however often it is said. */
export type Notice = Place &
  (
    | {
        readonly kind: 'paid';
        readonly payment: string;
        readonly amountMicros: Micros;
        /** Of the card, where that is known: ISO 3166-1, two letters. */
        readonly country?: string;
      }
    | { readonly kind: 'failed' }
    | {
        /** A refund that is none of ours is lost as soon as it is made, and won if it fails. */
        readonly kind: 'disputed' | 'dispute lost' | 'dispute won';
        readonly payment: string;
        /** How the outside calls the dispute, or the refund. */
        readonly dispute: string;
        /** What it has taken; of one that was won, and so has nothing, anything. */
        readonly amountMicros: Micros;
      }
    | {
        /** What failed may have been withdrawn before: a bank sent it back. */
        readonly kind: 'withdrawn' | 'withdrawal failed';
        /** Of the return. */
        readonly name: string;
        readonly amountMicros: Micros;
        /** How the outside calls the return, where it has one. */
        readonly reference?: string;
        /** Why the payment takes nothing back, now or later. */
        readonly refusal?: string;
      }
  );

/** A payment that was begun. */
export interface Begun {
  readonly reference: string;
  /** Where the reader pays; absent where nothing has to be done. */
  readonly url?: string;
  /** What is known at once. */
  readonly notices: readonly Notice[];
}

/** A return that the outside has. */
export type Returning = Omit<Begun, 'url'>;

/** What the outside knows of a return: it may have it, or not even know the payment. */
export type Sought = Returning | 'no return' | 'no payment';

/** What its side has kept for itself of a payment, or has given back of that. */
export interface Cost extends Place {
  /** How the outside calls the movement of money: unique for ever. */
  readonly reference: string;
  /** Never zero; given back is below. */
  readonly amountMicros: bigint;
}

/** What was heard of costs at one time. */
export interface Costs {
  /** The oldest first. */
  readonly costs: readonly Cost[];
  /** When the newest movement was, by the outside's own clock: all until then are among these. */
  readonly untilSec: number | undefined;
  /** What the operator has to know of those that are not among these, each said once. */
  readonly remarks: readonly string[];
}

/** One way of paying. What cannot be known now is thrown, and asked again later. */
export interface Funding {
  /** As rows keep it. */
  readonly method: string;
  /** Begins a payment; the same place again is the same payment. */
  begin(payment: Payment): Promise<Begun>;
  /** What became of a payment of which nothing was heard; none while that is open. */
  ask(payment: Payment): Promise<readonly Notice[]>;
  /** Sends money back to where a payment came from. */
  sendBack(it: Return): Promise<Returning>;
  /** What became of a return of which nothing was heard; none while that is open. */
  askBack(it: Return): Promise<readonly Notice[]>;
  /** Looks whether a return was made of which nothing is known, and makes none. */
  seek(it: Return): Promise<Sought>;
  /** What its side calls us with. @throws FarthingError `proof_mismatch`: it is not from there */
  readonly hook?: {
    readonly path: string;
    read(body: string, headers: Headers): Promise<readonly Notice[]>;
  };
  /** What has happened since, where nobody calls us to say so; at once after a dispute's call. */
  settle(): Promise<readonly Notice[]>;
  /**
   * What its side has kept for itself of payments, of all movements since `since` answers, in
   * seconds since 1970 by its side's clock; undefined where it is not asked now, or from no time
   * on. Absent where it keeps nothing.
   */
  costs?(since: () => Promise<number | undefined>): Promise<Costs | undefined>;
}

/** Where a page that a reader paid on leads back to, at our address. */
export const TOPPED_UP = '/topped-up';

/** The name that the outside has for a payment: unique for ever. */
export function nameOf({ account, id }: Place): string {
  return `${account}.${id}`;
}
