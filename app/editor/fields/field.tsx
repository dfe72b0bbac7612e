import { memo } from 'react';
import { ChoiceField } from './choice-field.tsx';
import { ImageField } from './image-field.tsx';
import { ModelField } from './model-field.tsx';
import { Row } from './row.tsx';
import { SeedField } from './seed-field.tsx';
import { SliderField } from './slider-field.tsx';
import { StepperField } from './stepper-field.tsx';
import { TextAreaField } from './text-area-field.tsx';
import { TextField } from './text-field.tsx';
import { ToggleField } from './toggle-field.tsx';
import type { ControlProps } from './use-value.ts';

const controls = {
  slider: SliderField,
  stepper: StepperField,
  choice: ChoiceField,
  model: ModelField,
  text: TextField,
  textarea: TextAreaField,
  seed: SeedField,
  image: ImageField,
  toggle: ToggleField,
  unknown: UnknownField,
};

/** The control that a parameter's schema asks for. */
export const Field = memo(function Field(props: ControlProps) {
  const Control = controls[props.field.control];
  return <Control {...props} />;
});

function UnknownField({ field }: ControlProps) {
  return (
    <Row label={field.label}>
      <span className="pr-2.5 text-ink-3">Set by a wire or in the file</span>
    </Row>
  );
}
