/** What a seller may do at a site: ask, be paid by one click inside limits, or nothing. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { ask, letIn } from '../../extension/screen.ts';
import { originAt } from '../../protocol/payto.ts';
import type { LimitsView, RuleView, SellerView } from '../../wallet/sellers/sellerview.ts';
import { say } from '../../words/say.ts';
import { Said } from '../said.tsx';
import { AmountField, amountOf, typedOf } from './amountfield.tsx';

/** What the box in the confirm window offers as well. */
const LIMITS_AT_FIRST = { itemMicros: '50000', dayMicros: '500000' };

interface RuleProps {
  readonly seller: Pick<SellerView, 'payto' | 'name' | 'currency'>;
  readonly host: string;
  readonly rule: RuleView;
  /** What the reader allowed one click here before. */
  readonly limits?: LimitsView | undefined;
  readonly onChanged: () => Promise<void>;
}

/** What to ask the browser for, to be let in at a seller's site. */
function patternOf(host: string): string {
  return `${originAt(new URL(`https://${host}`).hostname)}/*`;
}

interface LimitsProps extends Pick<RuleProps, 'host'> {
  readonly currency: string;
  readonly limits: LimitsView;
  readonly onSave: (limits: LimitsView) => void;
  readonly onCancel: () => void;
}

function LimitsForm({ host, currency, limits, onSave, onCancel }: LimitsProps) {
  const [item, setItem] = useState(typedOf(limits.itemMicros, currency));
  const [day, setDay] = useState(typedOf(limits.dayMicros, currency));
  const itemMicros = amountOf(item);
  const dayMicros = amountOf(day);
  const isWrong = itemMicros === undefined || dayMicros === undefined;
  const save = () => {
    if (itemMicros !== undefined && dayMicros !== undefined) onSave({ itemMicros, dayMicros });
  };
  return (
    <div class="rule-limits">
      <div class="rule-amounts">
        <AmountField
          label={say('each')}
          currency={currency}
          typed={item}
          isWrong={itemMicros === undefined}
          onType={setItem}
        />
        <AmountField
          label={say('aDay')}
          currency={currency}
          typed={day}
          isWrong={dayMicros === undefined}
          onType={setDay}
        />
      </div>
      <p class="soft" role="status">
        {isWrong
          ? say('amountWrong', { example: typedOf('500000', currency) })
          : say('browserAsks', { host })}
      </p>
      <div class="buttons">
        <Button kind="main" busy={isWrong} onPress={save}>
          {say('save')}
        </Button>
        <Button onPress={onCancel}>{say('notNow')}</Button>
      </div>
    </div>
  );
}

interface ChoiceProps {
  readonly group: string;
  readonly isOn: boolean;
  readonly label: ComponentChildren;
  readonly note?: string | undefined;
  readonly onChoose: () => void;
}

function Choice({ group, isOn, label, note, onChoose }: ChoiceProps) {
  return (
    <label class="check">
      <input type="radio" name={group} checked={isOn} onChange={onChoose} />
      <span>
        {label}
        {note !== undefined && <span class="soft note-line">{note}</span>}
      </span>
    </label>
  );
}

/** Asks the browser first, and the wallet when it said yes. */
async function allow({ seller, host, onChanged }: RuleProps, limits: LimitsView) {
  // First of all, while the browser still knows that the reader pressed something.
  const isAllowed = await letIn(patternOf(host));
  const rule: RuleView = { kind: 'one-click', ...limits };
  if (isAllowed) await ask('set-rule', { payto: seller.payto, host, rule });
  await onChanged();
  return isAllowed;
}

function OneClickLabel({ rule, currency }: { rule: RuleView; currency: string }) {
  if (rule.kind !== 'one-click') return say('ruleOneClick');
  const { itemMicros, dayMicros } = rule;
  return (
    <Said>
      {({ amount }) =>
        say('ruleOneClickIs', {
          item: amount(itemMicros, currency),
          day: amount(dayMicros, currency),
        })
      }
    </Said>
  );
}

export function RuleChoice(props: RuleProps) {
  const { seller, host, rule, limits = LIMITS_AT_FIRST, onChanged } = props;
  const { payto, currency } = seller;
  const group = `${payto} ${host}`;
  const [isSetting, setSetting] = useState(false);
  const [isRefused, setRefused] = useState(false);
  const choose = async (kind: 'ask' | 'block') => {
    setSetting(false);
    await ask('set-rule', { payto, host, rule: { kind } });
    await onChanged();
  };
  const save = async (chosen: LimitsView) => {
    setRefused(!(await allow(props, chosen)));
    setSetting(false);
  };
  const isOn = (kind: RuleView['kind']) => (isSetting ? kind === 'one-click' : rule.kind === kind);
  return (
    <fieldset class="rule">
      <legend>{say('ruleAt', { host })}</legend>
      <Choice
        group={group}
        isOn={isOn('ask')}
        label={say('ruleAsk')}
        onChoose={() => void choose('ask')}
      />
      <Choice
        group={group}
        isOn={isOn('one-click')}
        label={<OneClickLabel rule={rule} currency={currency} />}
        onChoose={() => setSetting(true)}
      />
      {rule.kind === 'one-click' && !isSetting && (
        <p class="rule-change">
          <Button kind="link" onPress={() => setSetting(true)}>
            {say('change')}
          </Button>
        </p>
      )}
      {isSetting && (
        <LimitsForm
          host={host}
          currency={currency}
          limits={rule.kind === 'one-click' ? rule : limits}
          onSave={(chosen) => void save(chosen)}
          onCancel={() => setSetting(false)}
        />
      )}
      {isRefused && <p class="notice notice-calm">{say('notLetIn')}</p>}
      <Choice
        group={group}
        isOn={isOn('block')}
        label={say('ruleBlock')}
        note={isOn('block') ? say('ruleBlockNote') : undefined}
        onChoose={() => void choose('block')}
      />
    </fieldset>
  );
}
