/** The page: history, sellers and settings, by the address's fragment. */
import '../../design/tokens.css';
import '../../design/components.css';
import '../../design/chart.css';
import './page.css';
import './views.css';
import { useCallback, useEffect, useLayoutEffect, useState } from 'preact/hooks';
import { Amount } from '../../design/amount.tsx';
import { Button } from '../../design/button.tsx';
import { balanceSaid, balanceText } from '../../extension/amounts.ts';
import type { ScreenState } from '../../extension/messages.ts';
import { ask, openPage } from '../../extension/screen.ts';
import type { ErrorCode } from '../../protocol/errors.ts';
import type { HistoryQuery } from '../../wallet/history/search.ts';
import type { WalletView } from '../../wallet/view.ts';
import { say, sayAround } from '../../words/say.ts';
import { KnownLast } from '../knownlast.tsx';
import { PlayMark } from '../play.tsx';
import { AddMoney, CardNote } from '../topup.tsx';
import { reasonText } from '../words.ts';
import { useChange } from './browse.ts';
import { HistoryScreen } from './history.tsx';
import { SellersScreen } from './sellers.tsx';
import { SettingsScreen } from './settings.tsx';

const VIEWS = ['history', 'sellers', 'settings'] as const;
type View = (typeof VIEWS)[number];

const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;

/** `#sellers`; anything else is the history. */
function viewOf(fragment: string): View {
  return VIEWS.find((view) => `#${view}` === fragment) ?? 'history';
}

/** The view that the address names; going back in the browser goes back here. */
function useView(): View {
  const [view, setView] = useState(viewOf(location.hash));
  useEffect(() => {
    const follow = () => setView(viewOf(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return view;
}

function useScreen() {
  const [state, setState] = useState<ScreenState>();
  const [fault, setFault] = useState<ErrorCode>();
  const look = useCallback(async () => setState(await ask('state', { tabId: undefined })), []);
  useLayoutEffect(() => void look().then(async () => setFault(await ask('refresh', {}))), [look]);
  useChange(look);
  return { state, fault, look };
}

interface HeadProps {
  readonly view: View;
  readonly wallet: WalletView;
  readonly onChanged: () => Promise<void>;
}

function Head({ view, wallet, onChanged }: HeadProps) {
  return (
    <header class="page-head">
      <p class="brand">Farthing</p>
      <nav aria-label={say('views')}>
        <ul class="views">
          {VIEWS.map((name) => (
            <li key={name}>
              <a href={`#${name}`} aria-current={name === view ? 'page' : undefined}>
                {say(`view_${name}`)}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <p class="page-balance">
        {sayAround('yours', {
          amount: (
            <strong>
              <Amount said={balanceSaid(wallet.yours, wallet.currency)}>
                {balanceText(wallet.yours, wallet.currency)}
              </Amount>
            </strong>
          ),
        })}{' '}
        <PlayMark wallet={wallet} />
      </p>
      <AddMoney wallet={wallet} onChanged={onChanged} />
    </header>
  );
}

/** `?month=2026-10`, as the popup opens it. */
function queryInAddress(): HistoryQuery {
  const month = new URLSearchParams(location.search).get('month');
  return month !== null && MONTH.test(month) ? { month } : {};
}

interface ContentProps {
  readonly view: View;
  readonly screen: ReturnType<typeof useScreen>;
  readonly wallet: WalletView;
}

function Content({ view, screen, wallet }: ContentProps) {
  const [query, setQuery] = useState<HistoryQuery>(queryInAddress);
  const showPayments = (payto: string) => {
    setQuery({ payto });
    location.hash = '#history';
  };
  if (view === 'sellers') return <SellersScreen onPayments={showPayments} />;
  if (view === 'history') return <HistoryScreen wallet={wallet} query={query} onQuery={setQuery} />;
  const isEverySite = screen.state?.isEverySite ?? false;
  return <SettingsScreen wallet={wallet} isEverySite={isEverySite} onChanged={screen.look} />;
}

function NoWallet() {
  return (
    <section class="card blank">
      <h1>{location.hash === '#closed' ? reasonText('account_closed') : say('noWallet')}</h1>
      <Button kind="main" onPress={() => void openPage('/welcome.html')}>
        {say('setUp')}
      </Button>
    </section>
  );
}

export function PageScreen() {
  const view = useView();
  const screen = useScreen();
  const { state, fault } = screen;
  if (!state)
    return (
      <main class="page" aria-busy="true">
        <h1 class="hidden">Farthing</h1>
        <p class="soft">{say('moment')}</p>
      </main>
    );
  const { wallet } = state;
  return (
    <div class="page">
      {wallet && <Head view={view} wallet={wallet} onChanged={screen.look} />}
      <main class="page-main">
        {!wallet && <NoWallet />}
        {wallet && <KnownLast fault={fault} />}
        {wallet && <h1 class="hidden">{say(`view_${view}`)}</h1>}
        {wallet && <CardNote wallet={wallet} onChanged={screen.look} />}
        {wallet && <Content view={view} screen={screen} wallet={wallet} />}
      </main>
    </div>
  );
}
