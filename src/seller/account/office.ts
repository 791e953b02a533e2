/** What a seller has to do with its providers, apart from selling: registering, being paid. */
import type { EarningsAnswer, SetBankAnswer } from '../../protocol/api.ts';
import type { SellerRecord } from '../../protocol/documents.ts';
import type { SellerContext } from '../context.ts';
import { createAccountClient, type PaytoClient, type Registration, register } from './account.ts';
import { type CollectReport, collect } from './collect.ts';
import type { CollectingOptions } from './collecting.ts';
import { type Collecting, startCollecting } from './collector.ts';
import { type BankAccount, earnings, setBank } from './till.ts';

/** See the methods of `Seller` with the same names. */
export interface Office {
  register(registration: Registration): Promise<readonly SellerRecord[]>;
  setBank(account: BankAccount): Promise<readonly SetBankAnswer[]>;
  earnings(): Promise<readonly EarningsAnswer[]>;
  collect(): Promise<CollectReport>;
  startCollecting(options?: CollectingOptions): Collecting;
}

/** Speaks to the provider of each payto by a client of its own. */
export function openOffice(seller: SellerContext): Office {
  const clients: readonly PaytoClient[] = seller.accounts.map(({ payto }) => ({
    payto,
    client: createAccountClient(seller, payto),
  }));
  const collectAll = () => collect(seller, clients);
  return {
    register: (registration) =>
      Promise.all(clients.map((at) => register(seller, at, registration))),
    setBank: (account) => Promise.all(clients.map((at) => setBank(at, account))),
    earnings: () => Promise.all(clients.map(earnings)),
    collect: collectAll,
    startCollecting: (options) => startCollecting(seller, collectAll, options),
  };
}
