"""Shell text to commands: words, variables, wrappers, control flow, texts handed to other shells."""

import pytest

from linter.inspect.shell.commands import Command, commands_of_words, parse_commands, parse_script


def one(text: str) -> Command:
    (command,) = parse_commands(text)
    return command


def programs(text: str) -> list[str]:
    return [command.program for command in parse_commands(text)]


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("p a 'b c' \"d e\"", ("a", "b c", "d e")),
        (r"p a\ b 'it'\''s' $'x\ty'", ("a b", "it's", "x\ty")),
        (r'p "a\"b\$c\d"', ('a"b$c\\d',)),
        ("p \\\n  a \\\n  b", ("a", "b")),
        ("X=1; p $X ${X} \"<$X>\" '$X'", ("1", "1", "<1>", "$X")),
        ("p ${PORT:-8080} ${PORT-80} ${A:=x} $A", ("8080", "80", "x", "x")),
        ("PORT=$(f); p ${PORT:-8080}", ("unknown",)),
        ("PORT=; p ${PORT:-8080} ${PORT-80}", ("8080",)),
        ("p $X a$X ${X%y} $(f) `f` $((1+1)) $1 $@", ("unknown",) * 8),
        ("X='-a -b'; p $X \"$X\"", ("-a", "-b", "-a -b")),
        ('A=(--port 80); A+=(-v "x y"); p "${A[@]}"', ("--port", "80", "-v", "x y")),
        ('A=(1); if t; then A+=(2); fi; p "${A[@]}"', ("1", "unknown")),
        ("if t; then X=1; else X=2; fi; p $X", ("unknown",)),
        ('[ -z "$X" ] && X=1; p $X', ("1",)),
        ("X=1; read X; p $X", ("unknown",)),
        ("X=1; unset X; p ${X:-2}", ("2",)),
        ("for X in a b; do :; done; p $X", ("unknown",)),
        ("export X=1 Y; p $X", ("1",)),
        ("X=a; X+=b; p $X", ("ab",)),
        ('p é😀 "$(x)é" ü', ("é😀", "unknown", "ü")),
    ],
)
def test_arguments(text: str, arguments: tuple[str, ...]) -> None:
    command = [each for each in parse_commands(text) if each.program == "p"][-1]
    assert command.arguments == arguments
    assert [text[start:end] for start, end in command.argument_spans] == list(command.argument_texts)


@pytest.mark.parametrize(
    ("text", "program", "wrapped_by"),
    [
        ("standard-supervisor vllm serve m", "vllm", ("standard-supervisor",)),
        ("sudo -E -u me p a", "p", ("sudo",)),
        ("env -i -u X A=1 B=$x p a", "p", ("env",)),
        ("exec -a name p", "p", ("exec",)),
        ("nohup p a &", "p", ("nohup",)),
        ("time -p p", "p", ("time",)),
        ("timeout -k 5 --signal=TERM 10 p a", "p", ("timeout",)),
        ("nice -n 3 p", "p", ("nice",)),
        ("stdbuf -oL p", "p", ("stdbuf",)),
        ("setsid command p", "p", ("setsid", "command")),
        ("command -v p", "command", ()),
        ("x | xargs -n 1 -I {} p {}", "p", ("xargs",)),
        ("gosu user:group p", "p", ("gosu",)),
        ("tini -g -- p a", "p", ("tini",)),
        ("dumb-init p", "p", ("dumb-init",)),
        ("conda run --no-capture-output -n env p a", "p", ("conda",)),
        ("env -S 'p a'", "p", ("env",)),
        ("sudo -i", "sudo", ()),
        ('"$DIR/bin/p" a', "p", ()),
        ("/usr/local/bin/p a", "p", ()),
        ("$P a", "unknown", ()),
        ("bash script.sh -c x", "bash", ()),
        ("bash -eu -o pipefail -c 'p a'", "p", ("bash",)),
        ('sh -c "p a"', "p", ("sh",)),
        ('eval "p a"', "p", ("eval",)),
        ("eval p a", "p", ("eval",)),
        ("su -s /bin/sh -c 'p a' user", "p", ("su",)),
        ("exec sh -c 'sh -c \"p a\"'", "p", ("exec", "sh", "sh")),
    ],
)
def test_wrappers(text: str, program: str, wrapped_by: tuple[str, ...]) -> None:
    command = parse_commands(text)[-1]
    assert (command.program, command.wrapped_by) == (program, wrapped_by)


def test_places_inside_the_text_of_another_shell() -> None:
    text = 'é; exec bash -c "foo \\"$P\\" && exec bär \'ü\'"'
    foo, bar = parse_commands(text)[1:]
    assert text[slice(*foo.argument_spans[0])] == '"$P\\"'
    assert [text[slice(*span)] for span in (bar.program_span, *bar.argument_spans)] == ["bär", "'ü'"]
    assert bar.uses_exec
    assert not foo.uses_exec


@pytest.mark.parametrize(
    ("text", "uses_exec"),
    [
        ("exec p", True),
        ("bash -c 'exec p'", False),
        ("exec bash -c 'exec p'", True),
        ("exec bash -c 'p'", True),
        ("exec bash -c 'a; p'", False),
        ("eval 'exec p'", True),
        ("p", False),
    ],
)
def test_exec(text: str, uses_exec: bool) -> None:
    assert parse_commands(text)[-1].uses_exec is uses_exec


@pytest.mark.parametrize(
    "text",
    [
        "if t; then p; fi",
        "if t; then :; elif p; then :; fi",
        "case $1 in a) p;; esac",
        "t && p",
        "t || { p; }",
        "while t; do p; done",
        "for i in a; do p; done",
        "if t; then p",
    ],
)
def test_conditional(text: str) -> None:
    assert next(each for each in parse_commands(text) if each.program == "p").conditional


@pytest.mark.parametrize(
    "text", ["p", "p && t", "if p; then t; fi", "(p)", "{ p; }", "t; p", "t && u; p", "while p; do t; done"]
)
def test_unconditional(text: str) -> None:
    assert not next(each for each in parse_commands(text) if each.program == "p").conditional


@pytest.mark.parametrize(
    ("text", "background"),
    [("p &", True), ("t && p &", True), ("{ p; } &", True), ("t | p &", True), ("p; t &", False), ("$(p) &", False)],
)
def test_background(text: str, background: bool) -> None:
    assert next(each for each in parse_commands(text) if each.program == "p").background is background


def test_functions_pipes_substitutions_and_redirections() -> None:
    first, second, third = parse_commands("f() { a | b; }; x=$(c) > out")
    assert (first.in_function, first.piped, second.piped) == ("f", True, True)
    assert third.in_substitution
    assert one("p a 2>&1 > /dev/null").redirects == ("2>&1", "> /dev/null")
    assert one("echo x > /dev/tcp/1.2.3.4/80").redirects == ("> /dev/tcp/1.2.3.4/80",)
    assert one("A=1 B=$x p").assignments == {"A": "1", "B": "unknown"}


def test_here_documents() -> None:
    writes, after = parse_commands("cat > /f <<'EOF'\ncurl x\nEOF\nafter\n")
    assert (writes.program, writes.heredoc, writes.redirects) == ("cat", "curl x\n", ("> /f",))
    assert after.program == "after"
    text = "bash -s <<EOF\ncurl $(host)\nEOF\n"
    assert [(c.program, c.in_substitution) for c in parse_commands(text)] == [
        ("bash", False),
        ("curl", False),
        ("host", True),
    ]
    assert text[slice(*parse_commands(text)[1].program_span)] == "curl"
    assert programs("cat <<EOF | sh\ncurl x\nEOF\n") == ["cat", "curl", "sh"]
    assert programs("ssh host <<EOF\ncurl x\nEOF\n") == ["ssh"]


def test_a_test_in_brackets_does_not_swallow_what_follows() -> None:
    text = "a=$(b)\nif [ $? -ne 0 ]\nthen\n  exit 1\nfi\nc > f 2>&1\nif [ $? -ne 0 ]\nthen\n  d\nfi\ne\n"
    assert programs(text) == ["b", "exit", "c", "d", "e"]


def test_syntax_errors_keep_what_can_be_read() -> None:
    assert programs("a\nif b; then\n  c\nd") == ["a", "b", "c", "d"]
    assert "b" in programs("a ) | ;; b\nb x\n")
    assert programs("") == programs("# only\n\n") == []


def test_comments_and_quoted_text_are_no_commands() -> None:
    assert programs("# pip install x\necho 'pip install x' \"curl y\"") == ["echo"]


def test_words_of_an_exec_form() -> None:
    (command,) = commands_of_words(["tini", "--", "bash", "-c", "exec gunicorn -b :8080 a:b"])
    assert (command.program, command.uses_exec) == ("gunicorn", True)
    (command,) = commands_of_words(["p", "unknown", "$HOME"])
    assert command.arguments == ("unknown", "$HOME")
    assert commands_of_words([]) == []


@pytest.mark.parametrize("unit", ["a|", "a[1]", "a=(", "<<<", "f() ", "(", "$(", "sh -c 'a'\n", "x=$x$x\n", "é &&"])
def test_hostile_repetition_ends_soon(unit: str) -> None:
    script = parse_script("x=12345678\n" + unit * (300_000 // len(unit)))
    assert len(script.commands) <= 20_000


def test_a_text_that_is_not_read_as_a_whole_says_so() -> None:
    script = parse_script("a | b\n" * 2000)
    assert len(script.commands) == 4000
    assert "line by line" in (script.problem or "")


@pytest.mark.parametrize(
    ("words", "given"),
    [
        ("https://acme.io/1 https://acme.io/2", "https://acme.io/1"),
        ("https://acme.io/1 local", "unknown"),
        ("https://acme.io/1 $(cat names)", "unknown"),
        ('"$@"', "unknown"),
        ("a b", "unknown"),
        ("$ALL", "https://acme.io/1"),
        ("{1..3}", "unknown"),
    ],
)
def test_of_addresses_in_a_loop_one_stands_for_all(words: str, given: str) -> None:
    text = f'ALL="https://acme.io/1 https://acme.io/2"\nfor each in {words}; do wget "$each"; done\n'
    assert [command.arguments for command in parse_commands(text) if command.program == "wget"] == [(given,)]


@pytest.mark.parametrize(
    ("body", "calls", "given"),
    [
        ('wget "$1"', "get https://acme.io/1", "https://acme.io/1"),
        ("wget ${1}", "get https://acme.io/1", "https://acme.io/1"),
        ('local url=$2\n wget "$url"', "get a https://acme.io/1", "https://acme.io/1"),
        ('wget "$@"', "get https://acme.io/1", "https://acme.io/1"),
        ('wget "$1"', "get https://acme.io/1\nget https://acme.io/2", "https://acme.io/1"),
        ('wget "$1"', "get https://acme.io/1\nget a", "unknown"),
        ('wget "$1"', 'get "$1"', "unknown"),
        ('wget "$1"', "other https://acme.io/1", "unknown"),
        ('shift\n wget "$1"', "get https://acme.io/1", "unknown"),
        ('wget "$0"', "get https://acme.io/1", "unknown"),
        ('wget "$3"', "get https://acme.io/1", "unknown"),
        ("sh -c 'wget $1'", "get https://acme.io/1", "unknown"),
    ],
)
def test_what_a_function_is_called_with(body: str, calls: str, given: str) -> None:
    commands = parse_commands(f'get() {{\n {body}\n}}\n{calls}\nwget "$1"\n')
    assert [command.arguments for command in commands if command.program == "wget"] == [(given,), ("unknown",)]


@pytest.mark.parametrize(
    ("word", "program"),
    [
        ("$(which curl)", "curl"),
        ("$(command -v curl 2>/dev/null)", "curl"),
        ('"$(type -P curl)"', "curl"),
        ("$(find . -name curl)", "unknown"),
        ("$(which $TOOL)", "unknown"),
    ],
)
def test_a_program_that_the_shell_looks_up(word: str, program: str) -> None:
    commands = parse_commands(f"{word} https://acme.io/1")
    assert [each.program for each in commands if each.arguments == ("https://acme.io/1",)] == [program]


@pytest.mark.parametrize(
    ("word", "template"),
    [
        ('"$HOST"', "${HOST}"),
        ("${HOST}/weights.bin", "${HOST}/weights.bin"),
        ('"https://$HOST/$(hostname)"', None),
        ("${HOST%/}/weights.bin", None),
        ("$1", None),
        ("$SET_BY_READ", None),
        ("https://acme.io", None),
    ],
)
def test_what_variables_of_the_environment_leave_open(word: str, template: str | None) -> None:
    commands = parse_commands(f"read SET_BY_READ\nwget {word}")
    assert [each.argument_templates for each in commands if each.program == "wget"] == [(template,)]


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("push s3://$A/$B/x y", ("s3://1/2/x", "y")),
        ("push $A$B/x", ("12/x",)),
        ("push ${A}-$B-$C.tar", ("unknown",)),
        ('push "$A"/$B/x', ("1/2/x",)),
        ("push $A.dkr.ecr.$B.amazonaws.com/$A:$B", ("1.dkr.ecr.2.amazonaws.com/1:2",)),
        ("NAME=$A/$B/x\npush $NAME", ("1/2/x",)),
        ("export NAME=$A/$B/x\npush $NAME", ("1/2/x",)),
        ('push "from $A/$B/x to \\$A/$B/y"', ("from 1/2/x to $A/2/y",)),
        ("push '$A/$B/x $A/$B/y'", ("$A/$B/x $A/$B/y",)),
        ("push \\$A/$B/x", ("$A/2/x",)),
        ("push $(( $A/$B/2 )) x", ("unknown", "x")),
        ("[ -f $A/$B/x ] && push y", ("y",)),
    ],
)
def test_several_variables_in_one_word(text: str, given: tuple[str, ...]) -> None:
    commands = [each for each in parse_commands(f"A=1\nB=2\n{text}") if each.program != "export"]
    assert [(each.program, each.arguments) for each in commands] == [("push", given)]
