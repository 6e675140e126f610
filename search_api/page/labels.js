// What the page says, in both languages.

const plural = (language, forms) => (count) => forms[new Intl.PluralRules(language).select(count)] ?? forms.other;

const videosEnglish = plural("en", { one: "video", other: "videos" });
const videosRussian = plural("ru", { one: "видео", other: "видео" });

export const labels = {
  en: {
    skip: "Skip to the results",
    languages: "Language of this page",
    question: "What is said in the video?",
    placeholder: "Words, a sentence, a title",
    search: "Search",
    results: "Videos",
    start: "Type what you remember, in Russian or English. kadr finds the video and the second.",
    searching: "Searching…",
    found: (count, milliseconds) => `${count} ${videosEnglish(count)} in ${milliseconds} ms`,
    nothing: (query) => `Nothing found for “${query}”.`,
    nothingHint: "Try fewer or other words. Videos that were uploaded just now may still be on their way.",
    failed: "The search did not work.",
    offline: "The search server cannot be reached.",
    retry: "Try again",
    why: "Why this?",
    score: "Score",
    rank: "place",
    ofTitle: "Found by its title, description or tags.",
    noSpeech: "no speech",
    leg: {
      speech_text: "spoken words",
      speech_vector: "meaning of speech",
      picture_vector: "picture",
      metadata_text: "title and tags",
    },
  },
  ru: {
    skip: "К результатам",
    languages: "Язык страницы",
    question: "Что говорят в видео?",
    placeholder: "Слова, фраза, название",
    search: "Найти",
    results: "Видео",
    start: "Напишите, что помните, по-русски или по-английски. kadr найдёт видео и секунду.",
    searching: "Ищу…",
    found: (count, milliseconds) => `${count} ${videosRussian(count)} за ${milliseconds} мс`,
    nothing: (query) => `По запросу «${query}» ничего не найдено.`,
    nothingHint: "Попробуйте другие слова или меньше слов. Только что загруженные видео могут быть ещё в пути.",
    failed: "Поиск не сработал.",
    offline: "Сервер поиска недоступен.",
    retry: "Повторить",
    why: "Почему это?",
    score: "Оценка",
    rank: "место",
    ofTitle: "Найдено по названию, описанию или тегам.",
    noSpeech: "без речи",
    leg: {
      speech_text: "слова в речи",
      speech_vector: "смысл речи",
      picture_vector: "картинка",
      metadata_text: "название и теги",
    },
  },
};
