#compdef wiretape
# zsh completion for wiretape: source <(wiretape completion zsh)
_wiretape() {
    local -a asked offered
    local cur=${words[CURRENT]}
    local dashes=${words[(i)--]}
    # What follows is the command line of a server.
    if ((dashes < CURRENT)); then
        shift $dashes words
        ((CURRENT -= dashes))
        _normal
        return
    fi
    asked=("${(@)words[1,CURRENT-1]}")
    [[ $cur == -- ]] && cur=-
    [[ $cur == -* ]] && asked+=("$cur")
    offered=("${(@f)$("${asked[@]}" --generate-bash-completion 2>/dev/null)}")
    compadd -- ${offered:#} || _files
}
compdef _wiretape wiretape
