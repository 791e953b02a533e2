/**
 * What the wallet may do on the site in front of the reader: the browser is asked for one site, in
 * its own words, and its yes is the reader's allowance.
 */
import { useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { Switch } from '../../design/switch.tsx';
import type { Limits, SiteView } from '../../extension/messages.ts';
import { ask, letIn, shutOut } from '../../extension/screen.ts';
import { say } from '../../words/say.ts';
import { Said } from '../said.tsx';

interface OneClickProps {
  readonly site: SiteView;
  readonly limits: Limits;
  readonly paymentId: string;
  readonly onChanged: () => Promise<void>;
}

/**
 * *Next time, pay here with one click*. The browser's question closes this popup: the wish is kept
 * before it is answered, and comes to pass when the browser says yes.
 */
async function wish(
  { site, paymentId, onChanged }: OneClickProps,
  setAsking: (isAsking: boolean) => void,
): Promise<void> {
  const { pattern } = site;
  // First of all, while the browser still knows that the reader pressed something.
  const answer = letIn(pattern);
  await ask('wish', { pattern, paymentId });
  setAsking(true);
  if (!(await answer)) await ask('unwish', { pattern });
  await onChanged();
  setAsking(false);
}

async function takeBack({ site, onChanged }: Omit<OneClickProps, 'paymentId' | 'limits'>) {
  await ask('ask-again', { host: site.host });
  await shutOut(site.pattern);
  await onChanged();
}

export function OneClickSwitch(props: OneClickProps) {
  const { site, limits } = props;
  const { item, day, currency } = limits;
  const [isAsking, setAsking] = useState(false);
  const isOn = site.isLetIn && site.oneClick !== undefined;
  const note = (
    <Said>
      {({ amount }) =>
        say('oneClickLimits', { item: amount(item, currency), day: amount(day, currency) })
      }
    </Said>
  );
  return (
    <Switch
      checked={isOn || isAsking}
      onChange={(checked) => void (checked ? wish(props, setAsking) : takeBack(props))}
      label={say('oneClickNext')}
      note={
        <>
          {isOn && `${say('oneClickAt', { host: site.host })} `}
          {note}
          {!site.isLetIn && ` ${say('browserAsks', { host: site.host })}`}
        </>
      }
    />
  );
}

/** A site where a click pays says so, and can be taken back; where it could, it is offered. */
export function SiteLine({ site, onChanged }: Pick<OneClickProps, 'site' | 'onChanged'>) {
  const { offer } = site;
  if (!site.isLetIn || !site.oneClick)
    return offer ? (
      <OneClickSwitch {...{ site, onChanged }} limits={offer} paymentId={offer.paymentId} />
    ) : null;
  return (
    <p class="soft site-line">
      {say('oneClickAt', { host: site.host })}{' '}
      <Button kind="link" onPress={() => void takeBack({ site, onChanged })}>
        {say('askMeAgain')}
      </Button>
    </p>
  );
}

/** The page forbids every request from inside it, and in this browser only the reader can help. */
export function ShutNote({ site, onChanged }: Pick<OneClickProps, 'site' | 'onChanged'>) {
  const open = async () => {
    await letIn(site.pattern);
    await onChanged();
  };
  return (
    <section class="note">
      <h1 class="ask-seller">{say('shut')}</h1>
      <p>{say('shutNote', { host: site.host })}</p>
      <Button kind="main" onPress={() => void open()}>
        {say('letReach', { host: site.host })}
      </Button>
    </section>
  );
}

/** Where an answer does not come and the browser keeps the wallet from asking for it. */
export function ReachButton({ site, onChanged }: Pick<OneClickProps, 'site' | 'onChanged'>) {
  if (site.isLetIn) return null;
  const open = async () => {
    await letIn(site.pattern);
    await onChanged();
  };
  return (
    <Button kind="link" onPress={() => void open()}>
      {say('letReach', { host: site.host })}
    </Button>
  );
}
