// The page's words. A word that a language lacks is shown in English.

const WORDS = {
  en: {
    title: "Paints-Undo", tagline: "See how a picture could have been painted.",
    choose: "Choose a picture", drop: "Drop a picture here, paste it, or choose a file.", example: "Try an example",
    notShown: "{name}: chosen. Your browser cannot show this kind of file.",
    describe: "Describe", keyframes: "Key frames", video: "Video", doAll: "Undo this painting",
    describeHelp: "Tags tell the models what is in the picture. You can change them.",
    keyframesHelp: "The canvas at chosen moments of the work. Change, add or remove moments, or give your own picture.",
    videoHelp: "All frames between the key frames.",
    makeTags: "Describe the picture", makeKeyframes: "Make key frames", makeVideo: "Make the video",
    noTags: "This engine looks at the picture itself and reads no tags.",
    cancel: "Cancel", remove: "Delete", repeat: "Repeat with changes", open: "Open", history: "Earlier results",
    noHistory: "Nothing yet.", more: "Show more", preset: "Preset", export: "Save as", make: "Save",
    play: "Play", pause: "Pause", fullScreen: "Full screen", compare: "Compare with the painting", moment: "Moment",
    done: "{share} % painted", accepted: "Accepted; it begins soon.", started: "The work has begun.",
    queued: "Waiting: {count} before this one", running: "{stage}, step {step} of {of}",
    left: "about {time} left", seconds: "{count} s", minutes: "{count} min", finished: "Finished.",
    cancelled: "Cancelled.", failed: "This did not work: {reason}", broken: "The daemon does not answer; trying again …",
    signedOut: "This page is not signed in. Run “paints-undo web” in a terminal and open the link that it prints.",
    starting: "Connecting to the daemon …", asking: "Asking the daemon …", sending: "Sending the picture …",
    settings: "Settings", engine: "Engine",
    addMoment: "Add a moment", newSeed: "Another one", ownPicture: "Own picture", removeMoment: "Remove",
    engineMissing: "{engine} cannot run here: {reason}",
    engineNeedsModels: "{engine} needs models that are not here yet; download them below, under Models.", models: "Models", download: "Download", downloading: "{name}: {done} of {total}",
    check: "Check where a file comes from", chooseFiles: "Choose a file …", checking: "Looking at {name} …",
    checkHelp: "Tells whether a film or picture carries the marks of Paints-Undo, and whether it is as it was written. If its signature is a file of its own (.c2pa), choose both.",
    VERDICT_HOLDS: "made by Paints-Undo, and as it was written.", VERDICT_CHANGED: "made by Paints-Undo, and changed since.",
    VERDICT_UNMARKED: "no marks. It may still be from here: marks can be left out and taken away.",
    VERDICT_UNCHECKED: "signed, but what reads signatures is not installed here.",
    preview: "Preview of what is being painted", language: "Language", saved: "Saved as {name}.",
    exportTold: "{width} x {height} pixels, about {size} ({least} to {most}).", filmTold: "{width} x {height} pixels, {time}, about {size} ({least} to {most}).",
    pace: "Pace", pacePoint: "Point {number}: after {time} % of the time {work} % of the work", paceHelp: "Across: the film's time. Up: how much of the work is done. Drag a point or move it with the arrow keys; click for a new one, Delete takes one away.",
    sidecar: "Its signature is a file of its own, to be kept beside it:",
    honesty: "A generated process, not a recording: nobody painted it this way.",
    tooLarge: "This picture is too large: at most {size}.",
    frame: "Frame {index} of {count}",
    makeVariants: "Other possible processes", redo: "Redo from here", candidates: "Choose how it goes on from here",
    candidate: "Way {number}", dropCandidates: "None of these", mask: "Only within a mask …",
    maskHelp: "A mask is a picture of the same size as the painting: where it is light, the painting goes another way.",
    ways: "Processes of this painting", variant: "Variant {number}",
    branch: "From {share} %: {name}", beside: "Side by side with the others", course: "How they go on",
    comparing: "Comparing …", distances: "Distance to the end, by how much of the work is done", phases: "Time for each phase", phase: "Phase",
  },
  de: {
    title: "Paints-Undo", tagline: "Sehen, wie ein Bild gemalt worden sein könnte.",
    choose: "Bild wählen", drop: "Ein Bild hierher ziehen, einfügen oder eine Datei wählen.", example: "Beispiel ausprobieren",
    notShown: "{name} ist gewählt. Der Browser kann diese Art Datei nicht zeigen.",
    describe: "Beschreiben", keyframes: "Schlüsselbilder", video: "Video", doAll: "Dieses Bild rückgängig malen",
    describeHelp: "Schlagwörter sagen den Modellen, was im Bild ist. Sie lassen sich ändern.",
    keyframesHelp: "Die Leinwand zu gewählten Momenten der Arbeit. Momente ändern, hinzufügen, entfernen, oder ein eigenes Bild geben.",
    videoHelp: "Alle Bilder zwischen den Schlüsselbildern.",
    makeTags: "Bild beschreiben", makeKeyframes: "Schlüsselbilder erzeugen", makeVideo: "Video erzeugen",
    noTags: "Diese Engine sieht das Bild selbst an und liest keine Schlagwörter.",
    cancel: "Abbrechen", remove: "Löschen", repeat: "Mit Änderungen wiederholen", open: "Öffnen", history: "Frühere Ergebnisse",
    noHistory: "Noch nichts.", more: "Mehr zeigen", preset: "Vorgabe", export: "Speichern als", make: "Speichern",
    play: "Abspielen", pause: "Pause", fullScreen: "Vollbild", compare: "Mit dem Bild vergleichen", moment: "Moment",
    done: "zu {share} % gemalt", accepted: "Angenommen; gleich geht es los.", started: "Die Arbeit hat begonnen.",
    queued: "Wartet: {count} davor", running: "{stage}, Schritt {step} von {of}",
    left: "noch etwa {time}", seconds: "{count} s", minutes: "{count} min", finished: "Fertig.",
    cancelled: "Abgebrochen.", failed: "Das ging nicht: {reason}", broken: "Der Dienst antwortet nicht; neuer Versuch …",
    signedOut: "Diese Seite ist nicht angemeldet. „paints-undo web“ in einem Terminal starten und den Link öffnen, der dort steht.",
    starting: "Verbindung zum Dienst …", asking: "Der Dienst wird gefragt …", sending: "Das Bild wird gesendet …",
    settings: "Einstellungen", engine: "Engine",
    addMoment: "Moment hinzufügen", newSeed: "Ein anderes", ownPicture: "Eigenes Bild", removeMoment: "Entfernen",
    engineMissing: "{engine} läuft hier nicht: {reason}",
    engineNeedsModels: "{engine} braucht Modelle, die noch nicht hier sind; unten unter „Modelle“ lassen sie sich herunterladen.", models: "Modelle", download: "Herunterladen", downloading: "{name}: {done} von {total}",
    check: "Prüfen, woher eine Datei kommt", chooseFiles: "Datei wählen …", checking: "{name} wird angesehen …",
    checkHelp: "Sagt, ob ein Film oder Bild die Kennzeichen von Paints-Undo trägt, und ob es so ist, wie es geschrieben wurde. Ist die Signatur eine eigene Datei (.c2pa), beide wählen.",
    VERDICT_HOLDS: "von Paints-Undo gemacht, und wie es geschrieben wurde.", VERDICT_CHANGED: "von Paints-Undo gemacht, und seitdem verändert.",
    VERDICT_UNMARKED: "keine Kennzeichen. Es kann trotzdem von hier sein: sie lassen sich weglassen und entfernen.",
    VERDICT_UNCHECKED: "signiert, aber was Signaturen liest, ist hier nicht installiert.",
    preview: "Vorschau dessen, was gerade gemalt wird", language: "Sprache", saved: "Gespeichert als {name}.",
    exportTold: "{width} x {height} Bildpunkte, etwa {size} ({least} bis {most}).", filmTold: "{width} x {height} Bildpunkte, {time}, etwa {size} ({least} bis {most}).",
    pace: "Tempo", pacePoint: "Punkt {number}: nach {time} % der Zeit {work} % der Arbeit", paceHelp: "Waagerecht: die Zeit des Films. Senkrecht: wie viel der Arbeit getan ist. Einen Punkt ziehen oder mit den Pfeiltasten bewegen; ein Klick setzt einen neuen, Entf nimmt einen weg.",
    sidecar: "Die Signatur ist eine eigene Datei, die daneben liegen soll:",
    honesty: "Ein erzeugter Ablauf, keine Aufnahme: niemand hat es so gemalt.",
    tooLarge: "Dieses Bild ist zu groß: höchstens {size}.",
    frame: "Bild {index} von {count}",
    makeVariants: "Andere mögliche Abläufe", redo: "Von hier anders weiter", candidates: "Wie es von hier weitergeht",
    candidate: "Weg {number}", dropCandidates: "Keiner davon", mask: "Nur innerhalb einer Maske …",
    maskHelp: "Eine Maske ist ein Bild in der Größe des Gemäldes: wo sie hell ist, geht es anders weiter.",
    ways: "Abläufe dieses Bildes", variant: "Variante {number}",
    branch: "Ab {share} %: {name}", beside: "Neben den anderen", course: "Wie sie verlaufen",
    comparing: "Wird verglichen …", distances: "Abstand zum Ende, nach dem Anteil der Arbeit", phases: "Zeit für jede Phase", phase: "Phase",
  },
  ja: {
    title: "Paints-Undo", tagline: "絵がどのように描かれたかもしれないかを見る。",
    choose: "画像を選ぶ", drop: "ここに画像をドロップ、貼り付け、またはファイルを選択してください。", example: "サンプルを試す",
    notShown: "{name} を選択しました。この種類のファイルはブラウザーでは表示できません。",
    describe: "説明", keyframes: "キーフレーム", video: "動画", doAll: "この絵の制作過程を作る",
    describeHelp: "タグは絵に何があるかをモデルに伝えます。変更できます。",
    keyframesHelp: "制作途中の選んだ時点のキャンバス。時点の変更・追加・削除、自分の画像の指定ができます。",
    videoHelp: "キーフレームの間のすべてのフレーム。",
    makeTags: "絵を説明する", makeKeyframes: "キーフレームを作る", makeVideo: "動画を作る",
    noTags: "このエンジンは絵そのものを見るため、タグを使いません。",
    cancel: "キャンセル", remove: "削除", repeat: "変更して繰り返す", open: "開く", history: "以前の結果",
    noHistory: "まだありません。", more: "さらに表示", preset: "プリセット", export: "保存形式", make: "保存",
    play: "再生", pause: "一時停止", fullScreen: "全画面", compare: "完成画と比較", moment: "時点",
    done: "{share} % 完成", accepted: "受け付けました。まもなく始まります。", started: "作業を始めました。",
    queued: "待機中: 前に {count} 件", running: "{stage} ステップ {step} / {of}",
    left: "残り約 {time}", seconds: "{count} 秒", minutes: "{count} 分", finished: "完了しました。",
    cancelled: "キャンセルしました。", failed: "できませんでした: {reason}", broken: "デーモンが応答しません。再試行中…",
    signedOut: "サインインしていません。ターミナルで「paints-undo web」を実行し、表示されたリンクを開いてください。",
    starting: "デーモンに接続中…", asking: "デーモンに依頼中…", sending: "画像を送信中…",
    settings: "設定", engine: "エンジン",
    addMoment: "時点を追加", newSeed: "別のもの", ownPicture: "自分の画像", removeMoment: "取り除く",
    engineMissing: "{engine} はここでは動きません: {reason}",
    engineNeedsModels: "{engine} に必要なモデルがまだありません。下の「モデル」からダウンロードできます。", models: "モデル", download: "ダウンロード", downloading: "{name}: {done} / {total}",
    check: "ファイルの出所を確かめる", chooseFiles: "ファイルを選択…", checking: "{name} を確認中…",
    checkHelp: "動画や画像に Paints-Undo の印があるか、書き出したままかを調べます。署名が別ファイル (.c2pa) の場合は両方を選んでください。",
    VERDICT_HOLDS: "Paints-Undo で作られ、書き出したままです。", VERDICT_CHANGED: "Paints-Undo で作られ、その後変更されています。",
    VERDICT_UNMARKED: "印はありません。印は省いたり消したりできるので、ここで作られた可能性はあります。",
    VERDICT_UNCHECKED: "署名されていますが、署名を読むものが入っていません。",
    preview: "描画中のプレビュー", language: "言語", saved: "{name} として保存しました。",
    exportTold: "{width} x {height} ピクセル、約 {size}（{least}～{most}）。", filmTold: "{width} x {height} ピクセル、{time}、約 {size}（{least}～{most}）。",
    pace: "ペース", pacePoint: "点 {number}: 時間の {time} % で作業の {work} %", paceHelp: "横: 動画の時間。縦: 作業の進み具合。点はドラッグか矢印キーで動かします。クリックで追加、Delete で削除。",
    sidecar: "署名は別のファイルです。いっしょに保管してください:",
    honesty: "生成された過程であり、記録ではありません。実際にこのように描いた人はいません。",
    tooLarge: "画像が大きすぎます: 最大 {size}。",
    frame: "フレーム {index} / {count}",
    makeVariants: "ほかの可能な過程", redo: "ここから描き直す", candidates: "ここからの続きを選ぶ",
    candidate: "方法 {number}", dropCandidates: "どれも使わない", mask: "マスクの中だけ…",
    maskHelp: "マスクは絵と同じ大きさの画像です。明るい部分だけが別の仕上がりになります。",
    ways: "この絵の過程", variant: "バリエーション {number}",
    branch: "{share} % から: {name}", beside: "ほかと並べる", course: "進み方の比較",
    comparing: "比較中…", distances: "完成までの差（作業の進み具合ごと）", phases: "各段階の時間", phase: "段階",
  },
};

const NAMES = {
  de: {
    "complementary palette": "Komplementärfarben", dusk: "Abenddämmerung", "flat tones": "Flache Töne", night: "Nacht",
    "analogous palette": "Verwandte Farben", "three colours": "Drei Farben", "triad palette": "Farbdreiklang", morning: "Morgen",
  },
  ja: {
    "complementary palette": "補色の配色", dusk: "夕暮れ", "flat tones": "平塗り", night: "夜",
    "analogous palette": "類似色の配色", "three colours": "三色", "triad palette": "三色配色", morning: "朝",
  },
};

export const LANGUAGES = { en: "English", de: "Deutsch", ja: "日本語" };

const KEY = "paints-undo-language";
let language = localStorage.getItem(KEY) ?? navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => WORDS[tag]) ?? "en";

export function currentLanguage() {
  return language;
}

export function chooseLanguage(tag) {
  language = tag;
  localStorage.setItem(KEY, tag);
}

/** A sentence with its places filled in: say("done", { share: 40 }). */
export function say(key, values = {}) {
  const sentence = WORDS[language][key] ?? WORDS.en[key] ?? key;
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** What the daemon calls a thing, in the page's language; as it stands where the page has no word for it. */
export function sayName(name) {
  const known = NAMES[language]?.[name];
  return known ?? name.charAt(0).toUpperCase() + name.slice(1);
}

export function sayTime(seconds) {
  return seconds < 90 ? say("seconds", { count: Math.max(1, Math.round(seconds)) })
    : say("minutes", { count: Math.round(seconds / 60) });
}

export function sayBytes(bytes) {
  const units = ["B", "kB", "MB", "GB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(bytes / 1000 ** power)} ${units[power]}`;
}
