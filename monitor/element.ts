type Attributes = Readonly<Record<string, string | boolean>>;
type Child = Node | string;

/** A new element. What is text stays text: names come from players. */
export function element<K extends keyof HTMLElementTagNameMap>(
	tag: K,
	attributes: Attributes = {},
	...children: readonly Child[]
): HTMLElementTagNameMap[K] {
	const made = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) {
		if (value === true) made.setAttribute(name, "");
		else if (value !== false) made.setAttribute(name, value);
	}
	made.append(...children);
	return made;
}

/** Changes text only where it differs, so that a selection survives. */
export function setText(node: Node, text: string): boolean {
	if (node.textContent === text) return false;
	node.textContent = text;
	return true;
}

/** A button that asks to be pressed twice when what it does cannot be unseen by players. */
export function armedButton(label: string, question: string, run: () => void): HTMLButtonElement {
	const button = element("button", { type: "button" }, label);
	let timer: ReturnType<typeof setTimeout> | undefined;
	const disarm = (): void => {
		clearTimeout(timer);
		timer = undefined;
		button.textContent = label;
		button.classList.remove("armed");
	};
	button.addEventListener("click", () => {
		if (timer !== undefined) {
			disarm();
			run();
			return;
		}
		button.textContent = question;
		button.classList.add("armed");
		timer = setTimeout(disarm, 4000);
	});
	return button;
}
