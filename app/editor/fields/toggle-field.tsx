import { Switch } from 'radix-ui';
import { Row } from './row.tsx';
import { type ControlProps, useValue } from './use-value.ts';

/** Yes or no. */
export function ToggleField({ node, field }: ControlProps) {
  const [value, change] = useValue(node, field);
  return (
    <Row label={field.label}>
      <Switch.Root
        aria-label={field.label}
        checked={value === true}
        onCheckedChange={change}
        className="nodrag mr-2 h-4 w-7 rounded-full bg-line-strong p-0.5 data-[state=checked]:bg-accent"
      >
        <Switch.Thumb className="block size-3 rounded-full bg-white transition-transform data-[state=checked]:translate-x-3" />
      </Switch.Root>
    </Row>
  );
}
