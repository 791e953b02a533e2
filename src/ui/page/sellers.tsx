/** Sellers: what is set aside at each, what went there, what each may do. */
import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { ask } from '../../extension/screen.ts';
import { FarthingError } from '../../protocol/errors.ts';
import type { TakenBackView } from '../../wallet/purses/takeback.ts';
import type { SellerView } from '../../wallet/sellers/sellerview.ts';
import { dayText } from '../../words/days.ts';
import { say } from '../../words/say.ts';
import { Said } from '../said.tsx';
import { comingText } from '../undone.ts';
import { reasonText } from '../words.ts';
import { useChange } from './browse.ts';
import { Forget } from './forget.tsx';
import { RuleChoice } from './rule.tsx';
import { Sum } from './sum.tsx';

interface SellerProps {
  readonly seller: SellerView;
  readonly onChanged: () => Promise<void>;
  readonly onPayments: (payto: string) => void;
}

interface TakenBackProps {
  readonly taken: TakenBackView;
  readonly currency: string;
}

/** What came back and what did not, in one or two sentences. */
export function TakenBack({ taken, currency }: TakenBackProps) {
  const { back, left, leftUntilMs } = taken;
  const isBack = back !== '0';
  const isLeft = left !== '0' && leftUntilMs !== undefined;
  if (!isBack && !isLeft) return say('nothingBack');
  return (
    <Said>
      {({ amount }) =>
        [
          isBack && say('isBack', { amount: amount(back, currency) }),
          isLeft && say('stays', { amount: amount(left, currency), day: dayText(leftUntilMs) }),
        ]
          .filter(Boolean)
          .join(' ')
      }
    </Said>
  );
}

function useTakeBack({ seller, onChanged }: Pick<SellerProps, 'seller' | 'onChanged'>) {
  const [busy, setBusy] = useState(false);
  const [told, setTold] = useState<ComponentChildren>();
  const take = async () => {
    setBusy(true);
    try {
      const taken = await ask('take-back', { payto: seller.payto });
      setTold(<TakenBack taken={taken} currency={seller.currency} />);
    } catch (error) {
      if (!(error instanceof FarthingError)) throw error;
      setTold(reasonText(error.code));
    }
    await onChanged();
    setBusy(false);
  };
  return { busy, told, take };
}

function Sums({ seller }: Pick<SellerProps, 'seller'>) {
  const { aside, atRisk, spent, spentToday, currency } = seller;
  return (
    <dl class="sums">
      <div>
        <dt>{say('aside')}</dt>
        <dd>
          <Sum amount={aside} currency={currency} />
          {atRisk !== '0' && (
            <p class="soft">
              <Said>{({ amount }) => say('atRisk', { amount: amount(atRisk, currency) })}</Said>
            </p>
          )}
        </dd>
      </div>
      <div>
        <dt>{say('spent')}</dt>
        <dd>
          <Sum amount={spent} currency={currency} />
        </dd>
      </div>
      <div>
        <dt>{say('today')}</dt>
        <dd>
          <Sum amount={spentToday} currency={currency} />
        </dd>
      </div>
    </dl>
  );
}

export function Seller({ seller, onChanged, onPayments }: SellerProps) {
  const { busy, told, take } = useTakeBack({ seller, onChanged });
  const { name, payto, hosts, aside, isUsedElsewhere, coming, currency } = seller;
  return (
    <li class="card seller" aria-busy={busy}>
      <h2>{name}</h2>
      <Sums seller={seller} />
      {coming && (
        <p class="soft">
          <Said>{({ amount }) => comingText(amount(coming.amount, currency), coming)}</Said>
        </p>
      )}
      {isUsedElsewhere && <p class="notice">{say('elsewhere')}</p>}
      <p class="seller-acts">
        {aside !== '0' && (
          <Button busy={busy} onPress={() => void take()}>
            {say(busy ? 'undoing' : 'takeBack')}
          </Button>
        )}
        <Button kind="link" onPress={() => onPayments(payto)}>
          {say('itsPayments')}
        </Button>
      </p>
      <p role="status">{told}</p>
      {hosts.map((it) => (
        <RuleChoice key={it.host} seller={seller} {...it} onChanged={onChanged} />
      ))}
      {hosts.map(({ host }) => (
        <Forget key={host} host={host} onChanged={onChanged} />
      ))}
    </li>
  );
}

export function SellersScreen({ onPayments }: Pick<SellerProps, 'onPayments'>) {
  const [sellers, setSellers] = useState<readonly SellerView[]>();
  const look = useCallback(async () => setSellers(await ask('sellers', {})), []);
  useEffect(() => void look(), [look]);
  useChange(look);
  if (!sellers) return <p class="soft">{say('moment')}</p>;
  if (sellers.length === 0)
    return (
      <section class="card blank">
        <h2>{say('noSellers')}</h2>
        <p>{say('noSellersNote')}</p>
      </section>
    );
  return (
    <ul class="sellers">
      {sellers.map((seller) => (
        <Seller key={seller.payto} seller={seller} onChanged={look} onPayments={onPayments} />
      ))}
    </ul>
  );
}
