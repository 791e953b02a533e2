/** `farthing provider`: runs a wallet service until it is told to stop. */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { firstMember } from '../protocol/documents.ts';
import { FarthingError, refuseAs } from '../protocol/errors.ts';
import { publicAddress } from '../provider/database/postgres.ts';
import { type RunningProvider, startProvider } from '../provider/main.ts';
import type { Command } from './main.ts';
import { readStripe } from './stripe.ts';

const HELP = `Usage: farthing provider --data DIR [--port N] [--name NAME]
       farthing provider --database URL [--address ORIGIN] [--port N] [--name NAME]

Runs a wallet service with play money (a sandbox) until Ctrl-C.

  --data DIR        the folder that keeps the books; made when it is not there
  --database URL    postgres://USER@HOST/NAME, a database with nothing else in it; several
                    processes may share it. The password is better in PGPASSWORD
  --address ORIGIN  what readers and sellers call it, where a proxy stands before it; the books
                    keep it
  --port N          where to listen; without it the books' own port, or any that is free
  --name NAME       what readers see
  --first-page URL  a page for new readers to begin at, such as an article of a seller's
  --own-shops H,H   these handles alone may register, be paid and collect: a publisher's own
  --payout-dir DIR  sellers' payouts as pain.001 files in this folder, which is there already, for
                    a bank to be told by hand; what became of them is said by "farthing payouts".
                    Several processes have one folder
  --payout-iban N   the account that they are paid from
  --live            real money; not offered yet

With STRIPE_SECRET_KEY (sk_test_…) and STRIPE_WEBHOOK_SECRET (whsec_…) in the environment readers
pay in on Stripe's own page, with its test cards; Stripe calls ORIGIN/hooks/stripe.

Exit 0: it was stopped. Exit 2: misuse, or a folder, database or port that cannot be used.`;

function readPort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new FarthingError('option_invalid', '--port is a number from 0 to 65535');
}

function readFirstPage(text: string | undefined): () => string | undefined {
  const page = text === undefined ? undefined : refuseAs('option_invalid', () => firstMember(text));
  return () => page;
}

/** What is called by another name than its port says nothing of the port. */
function isBehind({ issuer, port }: RunningProvider): boolean {
  return issuer !== new URL(`http://localhost:${port}`).origin;
}

/** Runs until SIGINT or SIGTERM. Exit 0; misuse and a folder or port that cannot be used are 2. */
export const provider: Command = async (args) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string' },
      database: { type: 'string' },
      address: { type: 'string' },
      port: { type: 'string' },
      name: { type: 'string' },
      'first-page': { type: 'string' },
      'own-shops': { type: 'string' },
      'payout-dir': { type: 'string' },
      'payout-iban': { type: 'string' },
      live: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const { data, database, address } = values;
  if ((data === undefined) === (database === undefined))
    throw new FarthingError(
      'option_invalid',
      'say where the books are by --data or by --database, one of them',
    );
  const ownShops = values['own-shops']?.split(',').map((handle) => handle.trim());
  const { 'payout-dir': folder, 'payout-iban': iban } = values;
  if ((folder === undefined) !== (iban === undefined))
    throw new FarthingError('option_invalid', '--payout-dir and --payout-iban go together');
  const stripe = readStripe(process.env);
  const running = await startProvider({
    ...(data === undefined ? {} : { dataDir: data }),
    ...(database === undefined ? {} : { database }),
    ...(address === undefined ? {} : { address }),
    port: readPort(values.port) ?? 0,
    mode: values.live ? 'live' : 'sandbox',
    ...(values.name === undefined ? {} : { name: values.name }),
    firstPage: readFirstPage(values['first-page']),
    ...(ownShops === undefined ? {} : { ownShops }),
    ...(folder === undefined || iban === undefined ? {} : { payouts: { folder, iban } }),
    ...(stripe && { stripe }),
    log: (line) => console.error(line),
  });
  // Before it is said: who reads a line may say stop at once.
  const stop = new AbortController();
  const told = Promise.race(['SIGINT', 'SIGTERM'].map((signal) => once(process, signal, stop)));
  console.log(`Wallet service (sandbox, play money) at ${running.issuer}`);
  if (isBehind(running)) console.log(`It listens on port ${running.port}`);
  const books = database === undefined ? running.databaseFile : publicAddress(database);
  console.log(`Books: ${books} (Ctrl-C stops)`);
  await told;
  stop.abort();
  await running.close();
  console.log('Stopped; the books are closed.');
  return 0;
};
