/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/name.h"

#include "blocks.h"
#include "check.h"
#include "detect/detect.h"

/*
 * In braces: a letter and what must be found as that; nothing else may be.  P person, L location,
 * O organization, A street_address, C postcode, N nationality, T title, S sex, R relative.
 */
static const struct {
	const char	*key, *text, *why;
} cases[] = {
	/* Labels. */
	{ "", "Name: {PAnna Kowalska}\nCity: {LKrak\xc3\xb3w}\n", "labels of a form" },
	{ "", "Nombre:  {PPedro}.\nApellidos: {PDe Miguel Rivera}.\nNHC: 25.\n", "in Spanish" },
	{ "", "M\xc3\xa9" "dico: {PEstefan\xc3\xad" "a Romero Selas}  N\xc2\xba" "Col: 28 28.\n",
	    "a name ends where another label begins" },
	{ "", "Domicilio: {ACalle Carmen Romero, 23, 1D}.\nCP: {C28035}.\n", "an address" },
	{ "", "{\"first_name\": \"{PAnna}\", \"city\": \"{LParis}\"}", "keys of JSON" },
	{ "", "{\"name\": \"eth0\", \"status\": \"up\"}", "a name that is none" },
	{ "", "name: Build and test\non: push\n", "nor is this" },
	{ "firstName", "{PAnna}", "the key above the text" },
	{ "patient_name", "{PKowalska, Anna}", "surname first" },
	{ "shipping_address", "{A12 Maple Street, Springfield}", "an address under its key" },
	{ "description", "a blue shirt", "a key of nothing" },
	{ "", "Sexo: {SH}.\nEdad: 53\n", "a sex behind its label" },
	/* Addresses. */
	{ "", "We live at {A12 Maple Street, Apt. 5}, all of us.", "English" },
	{ "", "send it to {A221B Baker St}", "a number with a letter" },
	{ "", "Ich wohne in der {AHauptstra\xc3\x9f" "e 5}.", "German" },
	{ "", "J'habite {A12, rue de la Paix}.", "French" },
	{ "", "Vivo en {AC/ Manuel Silvela n\xc2\xba 2, 6\xc2\xba A}.", "Spanish, shortened" },
	{ "", "Lui abita in {AVia Garibaldi 12}.", "Italian" },
	{ "", "Ik woon op de {AKerkstraat 7}.", "Dutch" },
	{ "", "Mieszkam przy {Aul. Marsza\xc5\x82kowska 10/4}.", "Polish" },
	{ "", "Write to {AP.O. Box 1234}.", "a box" },
	{ "", "It is 12 miles to the next street.", "a distance is no address" },
	{ "", "In 2012 the court ruled on it.", "a year is no house" },
	/* Persons, places, organisations. */
	{ "", "my name is {Panna kowalska}, can you help me?", "small letters" },
	{ "", "{TDr.} {PSmith} saw her.", "an honorific makes a person" },
	{ "", "She flew from {LLondon} to {LBuenos Aires}.", "cities" },
	{ "", "The {NNorwegian} minister spoke.", "a nationality" },
	{ "", "Please translate this into French.", "a language is none" },
	{ "", "Hallo {PXanthe},\nbis morgen.\n\nViele Gr\xc3\xbc\xc3\x9f" "e\n{PGrzela}\n",
	    "a greeting and a signature" },
	{ "", "Die Akte der Schrovelk ist da.", "a noun of German" },
	{ "", "F\xc3\xbcr alle Dateien, die sich nicht \xc3\xa4ndern, werden auch andere Objekte und Verweise "
	    "angelegt.", "nouns, and no articles" },
	{ "", "Auf diese Weise kann man sie auch mit anderen Dingen verbinden, und nicht nur so.",
	    "a surname that is a word of German" },
	{ "", "Wir haben auch mit {PAnna Kowalska} gesprochen, und sie ist nicht dabei.",
	    "a name among nouns" },
	{ "", "data address: 0x00000002", "an address of memory" },
	{ "", "Die Akte der {PSchrovelk} ist da: a.schrovelk@example.org", "a name in an address" },
	{ "", "I met {PAnna Kowalska} today. {PKowalska} was late.", "a name, and a part of it" },
	{ "", "I work as a {Tnurse} in a hospital.", "what somebody is" },
	{ "", "The nurse came late.", "what nobody is in particular" },
	{ "", "{SMujer} de 53 a\xc3\xb1os; su {Rhermana} tose.", "a patient and a relative" },
	/* What rings no alarm. */
	{ "", "QUARTERLY BUDGET REVIEW\n\nPLEASE READ THIS FIRST\n", "headings in capitals" },
	{ "", "# Getting Started\n\n## Basic Usage\n", "headings" },
	{ "", "for (int i = 0; i < Count; i++) { Result += Items[i].Value; }\n", "code" },
	{ "", "public class UserManager extends Base {\n\tprivate String name;\n}\n", "a class" },
	{ "", "2026-11-20 11:12:13 INFO Server started on port 8080\n", "a log" },
	{ "", "{\"level\":\"info\",\"msg\":\"Request Failed\",\"code\":500}", "a log as JSON" },
	{ "", "{\"user_agent\": \"Mozilla\", \"state\": \"OPEN\"}", "keys that sound like others" },
	{ "", "", "nothing" },
};

static const enum detect_type type_of_letter[128] = {
	['P'] = TYPE_person, ['L'] = TYPE_location, ['O'] = TYPE_organization,
	['A'] = TYPE_street_address, ['C'] = TYPE_postcode, ['N'] = TYPE_nationality,
	['T'] = TYPE_title, ['S'] = TYPE_sex, ['R'] = TYPE_relative,
};

/* The text without its marks, and what they say. */
static struct slice
read_marks(const char *s, char *room, struct finding *want, uint32_t *count)
{
	size_t len = 0;
	bool open = false;

	for (*count = 0; *s != '\0'; s++) {
		if (*s == '{' && s[1] >= 'A' && s[1] <= 'T' && type_of_letter[(int)s[1]] != 0) {
			want[*count] = (struct finding){ .start = (uint32_t)len,
				.type = (uint16_t)type_of_letter[(int)*++s] };
			open = true;
		} else if (*s == '}' && open) {
			want[(*count)++].end = (uint32_t)len;
			open = false;
		} else {
			room[len++] = *s;
		}
	}
	return slice_of(room, len);
}

static void
check_case(struct arena *a, size_t i)
{
	struct finding want[8];
	struct findings found;
	uint32_t count;
	char room[400];
	struct slice text = read_marks(cases[i].text, room, want, &count);
	bool same;

	arena_reset(a);
	findings_init(&found, a);
	detect_look(&(struct look){ .text = text, .arena = a, .findings = &found,
	    .key = slice_of(cases[i].key, strlen(cases[i].key)) }, DETECT_NAMES);
	same = found.count == count;
	for (uint32_t k = 0; same && k < count; k++)
		same = found.at[k].start == want[k].start && found.at[k].end == want[k].end &&
		    found.at[k].type == want[k].type && found.at[k].score >= 1 &&
		    found.at[k].score <= 100 && found.at[k].evidence != 0;
	if (check(same, "%s", cases[i].why))
		return;
	for (uint32_t k = 0; k < found.count; k++)
		check_show(type_info((enum detect_type)found.at[k].type)->name.ptr,
		    slice_cut(text, found.at[k].start, found.at[k].end));
}

/* A refusal of memory anywhere leaves a list that says so, and nothing outside. */
static void
check_memory(void)
{
	bool said = true;

	for (size_t left = 0; left < 4; left++) {
		struct blocks blocks = BLOCKS;
		struct findings found;
		struct arena a;

		blocks.left = left;
		arena_init(&a, &blocks.memory, (size_t)1 << 16);
		findings_init(&found, &a);
		name_look(&(struct look){ .text = S("Anna Kowalska of Warsaw"), .arena = &a,
		    .findings = &found });
		said &= found.count > 0 || found.cut;
		arena_release(&a);
		said &= blocks.out == 0;
	}
	check(said, "a refusal of memory is told");
}

int
main(void)
{
	struct blocks blocks = BLOCKS;
	struct arena a;

	arena_init(&a, &blocks.memory, (size_t)1 << 24);
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		check_case(&a, i);
	arena_release(&a);
	check_memory();
	check_int((int64_t)blocks.out, 0, "all memory came back");
	return check_done();
}
