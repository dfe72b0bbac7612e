import { useNodesInitialized } from '@xyflow/react';
import { useEffect, useRef } from 'react';
import { useFit } from './use-fit.ts';

/** As soon as the first graph has been drawn, shows all of it and lets a person type the prompt. */
export function useFirstLook(): void {
  const drawn = useNodesInitialized();
  const looked = useRef(false);
  const showAll = useFit();
  useEffect(() => {
    if (!drawn || looked.current) return;
    looked.current = true;
    showAll();
    focusPrompt();
  }, [drawn, showAll]);
}

/** On a touch screen this would only bring up the keyboard, which hides the canvas. */
function focusPrompt(): void {
  if (!window.matchMedia('(pointer: fine)').matches) return;
  const prompt = document.querySelector<HTMLTextAreaElement>('textarea[data-param="text"]');
  prompt?.focus({ preventScroll: true });
  prompt?.setSelectionRange(prompt.value.length, prompt.value.length);
}
