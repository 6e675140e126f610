"""Sound to text with times: the recognisers, and the rules on what of their text is believed."""
