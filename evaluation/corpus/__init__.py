"""The judged corpus: short films of drawn scenes and sentences, and questions about them whose answers are known.

Every picture shows a combination of figure, colour and place, and every line is a sentence, that no model was trained
on. What is simulated: each shot is one frame, JPEG-compressed, instead of a decoded film, and what is said is given as
words with times instead of being recognised. Cutting into moments, vectors, documents and ledger are the product's own.
"""
