/** What went wrong, where it is seen and heard. */
export const Trouble = ({ text }: { readonly text: string }) => (
  <p class="trouble" role="alert">
    {text}
  </p>
);
