//! The generated parser, and words for every rule of the grammar.

use std::sync::LazyLock;

use pest_derive::Parser;

/// The parser pest makes from the grammar.
#[derive(Parser)]
#[grammar = "../grammar/plast.pest"]
#[grammar = "../grammar/expr.pest"]
#[grammar = "../grammar/words.pest"]
#[allow(missing_docs)]
pub(super) struct Grammar;

/// Whether a pair of this rule is only a keyword or a sign, nothing the tree keeps.
pub(super) fn is_silent(rule: Rule) -> bool {
    static SILENT: LazyLock<Vec<bool>> = LazyLock::new(|| {
        let all = Rule::all_rules();
        let mut silent = vec![false; all.iter().map(|r| *r as usize + 1).max().unwrap_or(0)];
        for rule in all {
            silent[*rule as usize] = format!("{rule:?}").starts_with("kw_")
                || matches!(
                    rule,
                    Rule::end
                        | Rule::EOI
                        | Rule::equals
                        | Rule::comma
                        | Rule::colon
                        | Rule::dot
                        | Rule::arrow
                )
                || matches!(
                    rule,
                    Rule::open_brace | Rule::close_brace | Rule::open_paren | Rule::close_paren
                )
                || matches!(rule, Rule::open_bracket | Rule::close_bracket);
        }
        silent
    });
    SILENT.get(rule as usize).copied().unwrap_or(false)
}

/// What a rule is called in messages. Empty for a rule that would only lengthen a list of what is expected.
pub(super) fn words(rule: Rule) -> String {
    let text = format!("{rule:?}");
    if let Some(keyword) = text.strip_prefix("kw_") {
        return format!("`{keyword}`");
    }
    use Rule::*;
    let words = match rule {
        EOI | end | separator => "the end of the line",
        equals | assign => "`=`",
        comma => "`,`",
        colon => "`:`",
        dot => "`.`",
        arrow => "`->`",
        open_brace | members | block | handler => "`{`",
        close_brace => "`}`",
        open_paren | parameters => "`(`",
        close_paren => "`)`",
        open_bracket | axis_list | axes | indices => "`[`",
        close_bracket => "`]`",
        add | sub | mul | div | pow | eq | ne | le | lt | ge | gt | and | or | plus_minus | infix => {
            "an operator"
        }
        expr | chain | term | ranged | operand | paren | neg | not | prefix | argument | entry
        | list_item | factor | bound | if_then_else | expr_entry | range | range_from | named => {
            "an expression"
        }
        name | name_start | name_char | input | axis | axis_name | setting | left_side | change | cells
        | spiked | change_line | needed => "a name",
        string => "a string",
        unit | unit_name | unit_factor | column => "a unit",
        item | item_entry => "an item such as `let` or `population`",
        member | members_entry => "a member such as `param` or `dw/dt = ...`",
        statements | statements_entry | compound | simple => "a statement such as `present` or `phase`",
        case | cases_entry => "a case",
        loop_of => "`of`",
        loop_in => "`in`",
        loop_from => "`from`",
        lasting => "`for`",
        until => "`until`",
        within => "`within`",
        every => "`every`",
        during => "`during`",
        versus => "`vs`",
        split => "`split by`",
        marked => "`mark`",
        with_control => "`with control`",
        over => "`over`",
        step => "`by`",
        number | digits => "a number",
        derivative | rate => "a derivative",
        per_presentation => "`per presentation`",
        at_start => "`at start`",
        except_self => "`except self`",
        frozen => "`frozen`",
        weighted => "`weighted by`",
        all => "`all`",
        one_to_one => "`one_to_one`",
        random => "`random`",
        r#where => "`where`",
        condition => "`if`",
        library => "the name of a rule",
        warning => "the name of a warning",
        dots => "`..`",
        clock => "`clock`",
        seed => "`seed`",
        precision => "`precision`",
        integrate | integrator => "`integrate`",
        use_item => "`use`",
        let_item => "`let`",
        fn_item => "`fn`",
        param | param_item => "`param`",
        cases => "`cases`",
        stimulus => "`stimulus`",
        population => "`population`",
        rule_item | rule_use => "`rule`",
        synapses => "`synapses`",
        protocol => "`protocol`",
        record => "`record`",
        expect => "`expect`",
        plot => "`plot`",
        image => "`image`",
        state => "`state`",
        trace => "`trace`",
        side => "`pre`, `post` or `syn`",
        output => "`output`",
        update => "`update`",
        normalise => "`normalise`",
        bounds => "`bounds`",
        fixed => "`fixed`",
        inhibitory => "`inhibitory`",
        connect => "`connect`",
        delay => "`delay`",
        start => "`start`",
        hold => "`hold`",
        equation => "an equation",
        cell_item | cell_use => "`cell`",
        spike | spike_when => "`spike`",
        spikes => "`spikes`",
        poisson => "`poisson`",
        times_of => "`at`",
        refractory => "`refractory`",
        on_event | on_cells => "`on`",
        event => "`pre` or `post`",
        ties => "`ties`",
        values => "`values`",
        needs => "`needs`",
        pair => "`pair`",
        times => "`60 times at 1 Hz`",
        groups => "`every 10 s, 15 times`",
        train => "`train`",
        burst => "`burst`",
        theta_burst => "`theta_burst`",
        phase => "`phase`",
        present => "`present`",
        rest => "`rest`",
        repeat => "`repeat`",
        for_loop => "`for`",
        together => "`together`",
        pick => "`pick`",
        teach => "`teach`",
        set => "`set`",
        probe => "`probe`",
        control | control_without => "`control`",
        // What may always follow an operand says nothing.
        call | index | field | field_derivative | postfix | in_clause | in_range | in_unit | stream
        | allow | clauses | spiking | binder | blank | WHITESPACE | power | per | unit_dot | after_number
        | hard | bool | list | items | each | shuffled | shuffled_name => "",
        _ => "a word",
    };
    words.to_string()
}
