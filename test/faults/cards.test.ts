/** The worker is killed at every step of paying on a card's own page, and of seeing it paid. */
import { expect, it } from 'vitest';
import { auditDatabase } from '../../src/provider/audit.ts';
import { useCards } from '../support/cards.ts';
import { dieDuring } from '../support/mortal.ts';
import { ISSUER } from '../support/sandbox.ts';
import { makeReader, type Reader } from '../support/wallet.ts';

const HOST = new URL(ISSUER).host;
let profiles = 0;

/** A provider, new readers of it, and an act that is killed at each of its steps. */
async function useDeaths() {
  const cards = await useCards();
  const wake = (profile: string) => makeReader(profile, cards.around);
  const open = async (begin: (reader: Reader) => Promise<unknown>) => {
    const profile = `card-${++profiles}`;
    const reader = wake(profile);
    await reader.wallet.open(HOST);
    await begin(reader);
    return profile;
  };
  /** Answers what to call each death, and the profile that it left. */
  async function* deaths(
    begin: (reader: Reader) => Promise<unknown>,
    act: (reader: Reader) => Promise<unknown>,
  ): AsyncGenerator<readonly [where: string, reader: Reader]> {
    const kill = async (dieAt: number) => {
      const profile = await open(begin);
      return { profile, ...(await dieDuring(profile, dieAt, act, cards.around)) };
    };
    const { steps } = await kill(Number.POSITIVE_INFINITY);
    expect(steps.length).toBeGreaterThan(4);
    for (let dieAt = 1; dieAt <= steps.length; dieAt++) {
      const { profile } = await kill(dieAt);
      yield [`killed ${steps[dieAt - 1]} (step ${dieAt})`, wake(profile)] as const;
    }
  }
  return { ...cards, deaths };
}

const nothing = async () => undefined;
const FIVE = '5000000';

it('a worker killed at each step of a top-up opens one page for it', async () => {
  const { stripe, tell, sandbox, deaths } = await useDeaths();
  const act = ({ wallet }: Reader) => wallet.topUp(FIVE);
  for await (const [where, { wallet }] of deaths(nothing, act)) {
    const begun = await wallet.topUp(FIVE);
    const session = stripe.sessions().find(({ url }) => url === begun?.page);
    await tell(stripe.pay(String(session?.id)));
    await wallet.refresh();
    const view = await wallet.view();
    expect([view.yours, view.topUp?.state], where).toEqual(['5250000', 'paid']);
  }
  // One page a reader, but for the first, who was not killed and has not paid.
  const open = stripe.sessions().filter(({ status }) => status === 'open');
  expect(open).toHaveLength(1);
  expect((await auditDatabase(sandbox.file)).findings).toEqual([]);
});

it('a worker killed at each step of seeing it paid still says so, once', async () => {
  const { stripe, tell, deaths } = await useDeaths();
  const begin = async ({ wallet }: Reader) => {
    const { page } = (await wallet.topUp(FIVE)) ?? {};
    await tell(stripe.pay(String(stripe.sessions().find(({ url }) => url === page)?.id)));
  };
  const act = ({ wallet }: Reader) => wallet.refresh();
  for await (const [where, { wallet }] of deaths(begin, act)) {
    await wallet.resume();
    const view = await wallet.view();
    expect([view.yours, view.topUp?.state], where).toEqual(['5250000', 'paid']);
    await wallet.leaveTopUp();
    await wallet.refresh();
    expect((await wallet.view()).topUp, where).toBeUndefined();
  }
});

it('a worker killed at each step of sending money back sends it once', async () => {
  const { stripe, tell, sandbox, passMinute, deaths } = await useDeaths();
  const begin = async ({ wallet }: Reader) => {
    const { page } = (await wallet.topUp(FIVE)) ?? {};
    await tell(stripe.pay(String(stripe.sessions().find(({ url }) => url === page)?.id)));
    await wallet.refresh();
  };
  const act = ({ wallet }: Reader) => wallet.withdraw(FIVE);
  for await (const [where, { wallet }] of deaths(begin, act)) {
    await wallet.resume();
    const before = await wallet.view();
    // Killed before the wish was written: the reader presses again.
    if (!before.withdrawal) await wallet.withdraw(before.returnable);
    await passMinute();
    await wallet.refresh();
    const view = await wallet.view();
    expect([view.yours, view.withdrawal?.there], where).toEqual(['250000', FIVE]);
  }
  const paid = stripe.sessions().filter(({ status }) => status === 'complete');
  expect(stripe.refunds()).toHaveLength(paid.length);
  expect((await auditDatabase(sandbox.file)).findings).toEqual([]);
});
