// A form in a dialog: asks the server for something, and closes when that is done.

import { Component, html } from "./html.js";
import { Dialog } from "./layers.js";

/** `onSubmit(values)` makes the request under the form's `id`; its answer closes the dialog. */
export class FormDialog extends Component {
  componentDidMount() {
    this.props.app.act({ on: "form-opened", form: this.props.id });
  }

  componentDidUpdate() {
    const { app, id, stays } = this.props;
    if (app.state.form?.id === id && app.state.form.done && !stays) app.close();
  }

  submit = (event) => {
    event.preventDefault();
    const values = {};
    for (const field of event.target.elements) {
      if (field.name) values[field.name] = field.type === "checkbox" ? field.checked : field.value;
    }
    this.props.onSubmit(values);
  };

  render({ app, id, title, label, danger, wide, children }) {
    const { t } = app;
    const form = app.state.form?.id === id ? app.state.form : {};
    const problem = form.errorKey ? t(form.errorKey) : form.error;
    return html`
      <${Dialog} title=${title} t=${t} onClose=${app.close} wide=${wide}>
        <form onSubmit=${this.submit}>
          ${children}
          <p class="problem" role="alert">${problem}</p>
          <div class="buttons">
            <button type="button" class="link" onClick=${app.close}>${t("cancel")}</button>
            <button type="submit" class=${danger ? "primary danger" : "primary"} disabled=${form.busy}>${label}</button>
          </div>
        </form>
      <//>
    `;
  }
}

/** A field with its label, and a hint below. */
export const Field = ({ label, hint, ...attributes }) => html`
  <label class="labelled"><span>${label}</span>
    <input class="field" autocomplete="off" ...${attributes} />
    ${hint && html`<small class="hint">${hint}</small>`}
  </label>
`;

export const Check = ({ label, ...attributes }) => html`
  <label class="check"><input type="checkbox" ...${attributes} /><span>${label}</span></label>
`;
