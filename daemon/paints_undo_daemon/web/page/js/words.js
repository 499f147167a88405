// The page's words. A word that a language lacks is shown in English.

const WORDS = {
  en: {
    title: "Paints-Undo", tagline: "See how a picture could have been painted.",
    choose: "Choose a picture", drop: "Drop a picture here, paste it, or choose a file.", example: "Try an example",
    describe: "Describe", keyframes: "Key frames", video: "Video", doAll: "Undo this painting",
    describeHelp: "Tags tell the models what is in the picture. You can change them.",
    keyframesHelp: "The canvas at chosen moments of the work. Change, add or remove moments, or give your own picture.",
    videoHelp: "All frames between the key frames.",
    makeTags: "Describe the picture", makeKeyframes: "Make key frames", makeVideo: "Make the video",
    noTags: "This engine looks at the picture itself and reads no tags.",
    cancel: "Cancel", remove: "Delete", repeat: "Repeat with changes", open: "Open", history: "Earlier results",
    noHistory: "Nothing yet.", more: "Show more", preset: "Preset", export: "Save as", make: "Save",
    play: "Play", pause: "Pause", fullScreen: "Full screen", compare: "Compare with the painting", moment: "Moment",
    done: "{share} % painted", queued: "Waiting: {count} before this one", running: "{stage}, step {step} of {of}",
    left: "about {time} left", seconds: "{count} s", minutes: "{count} min", finished: "Finished.",
    cancelled: "Cancelled.", failed: "This did not work: {reason}", broken: "The daemon does not answer; trying again …",
    signedOut: "This page is not signed in. Run “paints-undo web” in a terminal and open the link that it prints.",
    starting: "Connecting to the daemon …", sending: "Sending the picture …",
    settings: "Settings", engine: "Engine", more_settings: "More settings of {group}", automatic: "automatic",
    addMoment: "Add a moment", newSeed: "Another one", ownPicture: "Own picture", removeMoment: "Remove",
    engineMissing: "{engine} cannot run here: {reason}", models: "Models", download: "Download", downloading: "{name}: {done} of {total}",
    preview: "Preview of what is being painted", language: "Language", saved: "Saved as {name}.",
    honesty: "A generated process, not a recording: nobody painted it this way.",
    wrongFile: "This file is not a picture that can be read.", tooLarge: "This picture is too large: at most {size}.",
    steps: "Steps of the work", frame: "Frame {index} of {count}", painting: "the painting", blank: "blank canvas",
    makeVariants: "Other possible processes", redo: "Redo from here", candidates: "Choose how it goes on from here",
    candidate: "Way {number}", dropCandidates: "None of these", ways: "Processes of this painting", variant: "Variant {number}",
    branch: "From {share} %, way {number}", beside: "Side by side with the others", course: "How they go on",
    comparing: "Comparing …", distances: "Distance to the end, by how much of the work is done", phases: "Time for each phase", phase: "Phase",
  },
  de: {
    title: "Paints-Undo", tagline: "Sehen, wie ein Bild gemalt worden sein könnte.",
    choose: "Bild wählen", drop: "Ein Bild hierher ziehen, einfügen oder eine Datei wählen.", example: "Beispiel ausprobieren",
    describe: "Beschreiben", keyframes: "Schlüsselbilder", video: "Video", doAll: "Dieses Bild rückgängig malen",
    describeHelp: "Schlagwörter sagen den Modellen, was im Bild ist. Sie lassen sich ändern.",
    keyframesHelp: "Die Leinwand zu gewählten Momenten der Arbeit. Momente ändern, hinzufügen, entfernen, oder ein eigenes Bild geben.",
    videoHelp: "Alle Bilder zwischen den Schlüsselbildern.",
    makeTags: "Bild beschreiben", makeKeyframes: "Schlüsselbilder erzeugen", makeVideo: "Video erzeugen",
    noTags: "Diese Engine sieht das Bild selbst an und liest keine Schlagwörter.",
    cancel: "Abbrechen", remove: "Löschen", repeat: "Mit Änderungen wiederholen", open: "Öffnen", history: "Frühere Ergebnisse",
    noHistory: "Noch nichts.", more: "Mehr zeigen", preset: "Vorgabe", export: "Speichern als", make: "Speichern",
    play: "Abspielen", pause: "Pause", fullScreen: "Vollbild", compare: "Mit dem Bild vergleichen", moment: "Moment",
    done: "zu {share} % gemalt", queued: "Wartet: {count} davor", running: "{stage}, Schritt {step} von {of}",
    left: "noch etwa {time}", seconds: "{count} s", minutes: "{count} min", finished: "Fertig.",
    cancelled: "Abgebrochen.", failed: "Das ging nicht: {reason}", broken: "Der Dienst antwortet nicht; neuer Versuch …",
    signedOut: "Diese Seite ist nicht angemeldet. „paints-undo web“ in einem Terminal starten und den Link öffnen, der dort steht.",
    starting: "Verbindung zum Dienst …", sending: "Das Bild wird gesendet …",
    settings: "Einstellungen", engine: "Engine", more_settings: "Weitere Einstellungen: {group}", automatic: "automatisch",
    addMoment: "Moment hinzufügen", newSeed: "Ein anderes", ownPicture: "Eigenes Bild", removeMoment: "Entfernen",
    engineMissing: "{engine} läuft hier nicht: {reason}", models: "Modelle", download: "Herunterladen", downloading: "{name}: {done} von {total}",
    preview: "Vorschau dessen, was gerade gemalt wird", language: "Sprache", saved: "Gespeichert als {name}.",
    honesty: "Ein erzeugter Ablauf, keine Aufnahme: niemand hat es so gemalt.",
    wrongFile: "Diese Datei ist kein lesbares Bild.", tooLarge: "Dieses Bild ist zu groß: höchstens {size}.",
    steps: "Schritte der Arbeit", frame: "Bild {index} von {count}", painting: "das fertige Bild", blank: "leere Leinwand",
    makeVariants: "Andere mögliche Abläufe", redo: "Von hier anders weiter", candidates: "Wie es von hier weitergeht",
    candidate: "Weg {number}", dropCandidates: "Keiner davon", ways: "Abläufe dieses Bildes", variant: "Variante {number}",
    branch: "Ab {share} %, Weg {number}", beside: "Neben den anderen", course: "Wie sie verlaufen",
    comparing: "Wird verglichen …", distances: "Abstand zum Ende, nach dem Anteil der Arbeit", phases: "Zeit für jede Phase", phase: "Phase",
  },
  ja: {
    title: "Paints-Undo", tagline: "絵がどのように描かれたかもしれないかを見る。",
    choose: "画像を選ぶ", drop: "ここに画像をドロップ、貼り付け、またはファイルを選択してください。", example: "サンプルを試す",
    describe: "説明", keyframes: "キーフレーム", video: "動画", doAll: "この絵の制作過程を作る",
    describeHelp: "タグは絵に何があるかをモデルに伝えます。変更できます。",
    keyframesHelp: "制作途中の選んだ時点のキャンバス。時点の変更・追加・削除、自分の画像の指定ができます。",
    videoHelp: "キーフレームの間のすべてのフレーム。",
    makeTags: "絵を説明する", makeKeyframes: "キーフレームを作る", makeVideo: "動画を作る",
    noTags: "このエンジンは絵そのものを見るため、タグを使いません。",
    cancel: "キャンセル", remove: "削除", repeat: "変更して繰り返す", open: "開く", history: "以前の結果",
    noHistory: "まだありません。", more: "さらに表示", preset: "プリセット", export: "保存形式", make: "保存",
    play: "再生", pause: "一時停止", fullScreen: "全画面", compare: "完成画と比較", moment: "時点",
    done: "{share} % 完成", queued: "待機中: 前に {count} 件", running: "{stage} ステップ {step} / {of}",
    left: "残り約 {time}", seconds: "{count} 秒", minutes: "{count} 分", finished: "完了しました。",
    cancelled: "キャンセルしました。", failed: "できませんでした: {reason}", broken: "デーモンが応答しません。再試行中…",
    signedOut: "サインインしていません。ターミナルで「paints-undo web」を実行し、表示されたリンクを開いてください。",
    starting: "デーモンに接続中…", sending: "画像を送信中…",
    settings: "設定", engine: "エンジン", more_settings: "詳細設定: {group}", automatic: "自動",
    addMoment: "時点を追加", newSeed: "別のもの", ownPicture: "自分の画像", removeMoment: "取り除く",
    engineMissing: "{engine} はここでは動きません: {reason}", models: "モデル", download: "ダウンロード", downloading: "{name}: {done} / {total}",
    preview: "描画中のプレビュー", language: "言語", saved: "{name} として保存しました。",
    honesty: "生成された過程であり、記録ではありません。実際にこのように描いた人はいません。",
    wrongFile: "このファイルは読み込める画像ではありません。", tooLarge: "画像が大きすぎます: 最大 {size}。",
    steps: "作業の手順", frame: "フレーム {index} / {count}", painting: "完成画", blank: "白紙のキャンバス",
    makeVariants: "ほかの可能な過程", redo: "ここから描き直す", candidates: "ここからの続きを選ぶ",
    candidate: "方法 {number}", dropCandidates: "どれも使わない", ways: "この絵の過程", variant: "バリエーション {number}",
    branch: "{share} % から、方法 {number}", beside: "ほかと並べる", course: "進み方の比較",
    comparing: "比較中…", distances: "完成までの差（作業の進み具合ごと）", phases: "各段階の時間", phase: "段階",
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

export function sayTime(seconds) {
  return seconds < 90 ? say("seconds", { count: Math.max(1, Math.round(seconds)) })
    : say("minutes", { count: Math.round(seconds / 60) });
}

export function sayBytes(bytes) {
  const units = ["B", "kB", "MB", "GB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(bytes / 1000 ** power)} ${units[power]}`;
}
