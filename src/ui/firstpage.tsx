/** *Read a first article*: where the wallet service names a page to begin at (SPEC 2.5). */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ask } from '../extension/screen.ts';
import { FarthingError } from '../protocol/errors.ts';
import type { WalletView } from '../wallet/view.ts';
import { say } from '../words/say.ts';

async function firstPageAt(provider: string): Promise<string | undefined> {
  try {
    return (await ask('meet', { provider })).first;
  } catch (error) {
    // A service that does not answer names none.
    if (error instanceof FarthingError) return undefined;
    throw error;
  }
}

/** What the service says now; undefined until it has answered, and where it names none. */
function useFirstPage(provider: string): string | undefined {
  const [page, setPage] = useState<string>();
  useEffect(() => void firstPageAt(provider).then(setPage), [provider]);
  return page;
}

interface FirstPageProps {
  readonly wallet: Pick<WalletView, 'providerHost'>;
  /** What stands there without such a page. */
  readonly children?: ComponentChildren;
}

export function FirstPageLink({ wallet, children }: FirstPageProps) {
  const page = useFirstPage(wallet.providerHost);
  if (page === undefined) return children;
  return (
    <p>
      <a class="button button-main" href={page}>
        {say('readFirst')}
      </a>
    </p>
  );
}
