/** Every component of the design in every state. For people who change it; readers never get it. */
import '../../src/design/tokens.css';
import '../../src/design/components.css';
import '../../src/design/chart.css';
import './gallery.css';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Amount } from '../../src/design/amount.tsx';
import { Button, GuardedButton } from '../../src/design/button.tsx';
import { Columns } from '../../src/design/chart.tsx';
import { Dialog } from '../../src/design/dialog.tsx';
import { Meter } from '../../src/design/meter.tsx';
import { Select } from '../../src/design/select.tsx';
import { Switch } from '../../src/design/switch.tsx';

const nothing = () => undefined;

function Shelf({
  name,
  children,
}: {
  readonly name: string;
  readonly children: ComponentChildren;
}) {
  return (
    <section class="shelf">
      <h2>{name}</h2>
      <div class="shelf-things">{children}</div>
    </section>
  );
}

function Buttons() {
  return (
    <Shelf name="Button">
      <Button kind="main" onPress={nothing}>
        Pay 2¢
      </Button>
      <Button onPress={nothing}>Not now</Button>
      <Button kind="danger" onPress={nothing}>
        Delete it
      </Button>
      <Button kind="link" onPress={nothing}>
        All history
      </Button>
      <Button kind="main" busy onPress={nothing}>
        Paying 2¢…
      </Button>
      <Button busy onPress={nothing}>
        Trying…
      </Button>
      <GuardedButton subject="a" early="A moment too early." onPress={nothing}>
        Pay ¼¢ when you are ready
      </GuardedButton>
      <Button onPress={nothing}>
        A button whose words are so long that they do not fit into one line of a popup
      </Button>
    </Shelf>
  );
}

function Switches() {
  const [isOn, setOn] = useState(true);
  return (
    <Shelf name="Switch">
      <Switch checked={isOn} onChange={setOn} label="Show prices on every site I visit" />
      <Switch
        checked={false}
        onChange={nothing}
        label="Next time, one click"
        note="Up to 5¢ each."
      />
    </Shelf>
  );
}

function Fields() {
  const [chosen, choose] = useState<'a' | 'b'>();
  const options = [['a', 'The Daily Courier'] as const, ['b', 'Tunes'] as const];
  return (
    <Shelf name="Field">
      <label class="field">
        Wallet service
        <input value="pay.example" />
      </label>
      <label class="field">
        With nothing in it
        <input placeholder="A word of the title" />
      </label>
      <label class="field">
        Wrong
        <input value="x" aria-invalid="true" />
      </label>
      <Select
        label="Seller"
        any="Every seller"
        value={chosen}
        options={options}
        onChange={choose}
      />
      <label class="check">
        <input type="checkbox" checked />
        <span>Next time, don’t ask</span>
      </label>
    </Shelf>
  );
}

function Figures() {
  return (
    <Shelf name="Amount, Meter">
      <span class="figure">
        <Amount said="4 dollars and 31 cents">$4.31</Amount>
      </span>
      <Amount said="a quarter of a cent">¼¢</Amount>
      <Meter used={0n} limit={100n}>
        0¢ of $1 today
      </Meter>
      <Meter used={36n} limit={100n}>
        36¢ of $1 today
      </Meter>
      <Meter used={120n} limit={100n}>
        $1.20 of $1 today
      </Meter>
    </Shelf>
  );
}

function Notices() {
  return (
    <Shelf name="Notice">
      <p class="notice">The price went from 1¢ to 2¢ since you opened the page.</p>
      <p class="notice notice-calm">pay.example does not answer.</p>
      <p class="soft">What is said in passing.</p>
    </Shelf>
  );
}

const TICKS = [
  { size: 100n, label: '$1' },
  { size: 50n, label: '50¢' },
];

function Chart({ chosen }: { readonly chosen: string | undefined }) {
  const columns = ['Sep', 'Oct', 'Nov'].map((label, index) => ({
    key: label,
    label,
    name: `${label} 2026: ${20 * (index + 2)}¢`,
    isChosen: label === chosen,
    parts: [0, 1, 2, 3, 4, 5, 6].map((series) => ({
      key: `${series}`,
      series,
      size: BigInt(4 + series * index),
    })),
  }));
  return (
    <Columns
      label={`Spending, ${chosen ?? 'no month'} chosen`}
      columns={columns}
      ticks={TICKS}
      chosenPart={undefined}
      onPress={nothing}
    />
  );
}

function OpenDialog() {
  const [isOpen, setOpen] = useState(false);
  return (
    <Shelf name="Dialog">
      <Button onPress={() => setOpen(true)}>Open the dialog</Button>
      {isOpen && (
        <Dialog title="How tides work" onClose={() => setOpen(false)}>
          <p>What is in it.</p>
          <div class="buttons">
            <Button kind="main" onPress={() => setOpen(false)}>
              Close
            </Button>
          </div>
        </Dialog>
      )}
    </Shelf>
  );
}

export function Gallery() {
  return (
    <main class="gallery">
      <h1>Components</h1>
      <Buttons />
      <Switches />
      <Fields />
      <Figures />
      <Notices />
      <Shelf name="Chart">
        <Chart chosen={undefined} />
        <Chart chosen="Oct" />
      </Shelf>
      <OpenDialog />
    </main>
  );
}
