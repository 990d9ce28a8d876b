; SPDX-License-Identifier: Apache-2.0
;
; The axioms of core/label.h about sets, each for all words of 64 bits: an
; axiom is denied, and the solver must find nothing that agrees.  There a set is
; a number and Has(s, i) is (s >> i & 1) != 0, as in C; here it is a bit vector,
; about which a solver knows everything.

(set-logic BV)
(define-sort Word () (_ BitVec 64))
(define-fun member ((s Word) (i Word)) Bool
    (= ((_ extract 0 0) (bvlshr s i)) #b1))
(define-fun index ((i Word)) Bool (bvult i #x0000000000000040))
(define-fun subset ((a Word) (b Word)) Bool
    (forall ((i Word)) (=> (index i) (member a i) (member b i))))
(define-fun empty ((s Word)) Bool
    (forall ((i Word)) (=> (index i) (not (member s i)))))

; subset: Subset(a, b) <==> (a & ~b) == 0
(push)
(declare-const a Word)
(declare-const b Word)
(assert (not (= (subset a b) (= (bvand a (bvnot b)) #x0000000000000000))))
(check-sat)
(pop)

; empty: Empty(s) <==> s == 0
(push)
(declare-const s Word)
(assert (not (= (empty s) (= s #x0000000000000000))))
(check-sat)
(pop)

; same: Subset(a, b) && Subset(b, a) ==> a == b
(push)
(declare-const a Word)
(declare-const b Word)
(assert (subset a b))
(assert (subset b a))
(assert (not (= a b)))
(check-sat)
(pop)
